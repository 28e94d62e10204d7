/** What goes to another shard, and when; and what that makes of it. */
import { beforeEach, expect, test } from 'vitest'
import type { PipeDelivery } from '../../../src/engine/pipe-messages.js'
import { PipeSink } from '../../../src/engine/pipe-sink.js'
import { PipeSource } from '../../../src/engine/pipe-source.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { MediaSource } from '../../../src/media/types.js'
import { LocalTrack } from '../../../src/sources/local-track.js'
import { LocalTracks } from '../../../src/sources/local-tracks.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'

let clock: VirtualClock
let scheduler: Scheduler
let track: LocalTrack
let near: MediaSource
let posted: { atMs: number; message: PipeDelivery }[]

const config = defaultMediaConfig(0)

beforeEach(async () => {
  clock = new VirtualClock()
  scheduler = new Scheduler(clock, clock)
  track = new LocalTrack({ codec: 'VP8', keyframesOnDemand: false })
  near = await new LocalTracks([track]).open({ id: 'near', config, scheduler })
  posted = []
})

function frame(keyframe: boolean): void {
  const data = Uint8Array.of(...(keyframe ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0] : [0x11, 0, 0, 0]))
  track.writeFrame({ data, keyframe, timestampUs: clock.nowMs() * 1000 })
}

/** Arrival times on the far side, by what was posted. */
function arrivals(): { far: PipeSource; times: number[] } {
  const [first, ...others] = posted
  if (first?.message.type !== 'source' || !first.message.source) throw new Error('a source comes first')
  const farClock = new VirtualClock(first.atMs)
  const far = new PipeSource(first.message.source, config, new Scheduler(farClock, farClock), () => {})
  for (const { atMs, message } of others) {
    if (message.type === 'codec') far.setCodec(message.index, message.codec)
    if (message.type === 'packets') far.accept(message.batch, atMs)
  }
  const { history } = far.tracks[0]?.layers[0] ?? { history: undefined }
  const times: number[] = []
  for (let extSeq = 0; history && extSeq <= history.newestExtSeq; extSeq++) {
    times.push(history.get(extSeq)?.arrivalMs ?? Number.NaN)
  }
  return { far, times }
}

const packetTimes = () => posted.filter(({ message }) => message.type === 'packets').map(({ atMs }) => atMs)

test('packets that may wait go together, and arrive on the far side when they came', () => {
  const sink = new PipeSink('b main', 10, scheduler, (message) => posted.push({ atMs: clock.nowMs(), message }))
  sink.setSource(near, clock.nowMs())
  for (const stepMs of [0, 4, 8, 3]) {
    clock.advance(stepMs)
    frame(clock.nowMs() === 0)
  }
  clock.advance(50)
  expect(packetTimes()).toEqual([10, 22])
  expect(arrivals().times).toEqual([0, 4, 12, 15])
})

test('what came since the newest keyframe goes along with the source, at its age', () => {
  frame(true)
  clock.advance(1000)
  frame(true)
  clock.advance(500)
  frame(false)
  clock.advance(250)
  const sink = new PipeSink('b main', 10, scheduler, (message) => posted.push({ atMs: clock.nowMs(), message }))
  sink.setSource(near, clock.nowMs())
  expect(posted.map(({ message }) => message.type)).toEqual(['source'])
  const { far, times } = arrivals()
  expect(times).toEqual([Number.NaN, 1000, 1500])
  expect(far.tracks[0]?.layers[0]).toMatchObject({ keyframesOnDemand: false, history: { keyframeExtSeq: 1 } })
  frame(false)
  clock.advance(10)
  // Under the codec that went along already.
  expect(posted.map(({ message }) => message.type)).toEqual(['source', 'capture-clock', 'packets'])
})

test('a source that ends takes along what waited', () => {
  const sink = new PipeSink('b main', 10, scheduler, (message) => posted.push({ atMs: clock.nowMs(), message }))
  sink.setSource(near, clock.nowMs())
  frame(true)
  sink.setSource(undefined, clock.nowMs())
  expect(posted.map(({ message }) => message.type)).toEqual(['source', 'capture-clock', 'codec', 'packets', 'source'])
  clock.advance(100)
  expect(posted).toHaveLength(5)
})
