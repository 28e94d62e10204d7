import { expect, test } from 'vitest'
import type { WaitingPackets } from '../../../src/media/fan-out.js'
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { LayerSink, MediaLayer, StoredPacket } from '../../../src/media/types.js'
import type { Codec } from '../../../src/rtp/types.js'
import { SyntheticAudio } from '../../../src/testing/synthetic-video.js'

const opus: Codec = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }

/** A sink that takes one packet at a time. */
class Prompt implements LayerSink {
  readonly seen: number[] = []
  onPacket({ extSeq }: StoredPacket): void {
    this.seen.push(extSeq)
  }
}

/** A sink that takes what has come in a turn together. */
class Patient extends Prompt {
  readonly batches: { readonly extSeqs: number[]; readonly nowMs: number }[] = []
  readonly faults: unknown[] = []
  constructor(readonly then: (layer: MediaLayer) => void = () => {}) {
    super()
  }
  onPackets(packets: readonly StoredPacket[], count: number, layer: MediaLayer, nowMs: number): void {
    this.batches.push({ extSeqs: packets.slice(0, count).map(({ extSeq }) => extSeq), nowMs })
    this.then(layer)
  }
  onFault(error: unknown): void {
    this.faults.push(error)
  }
  get taken(): number[][] {
    return this.batches.map(({ extSeqs }) => extSeqs)
  }
}

function stage(
  bounds: { historyPackets?: number; historyBytes?: number } = {},
  nowMs?: () => number,
): {
  layer: ForwardedLayer
  queue: WaitingPackets[]
  feed(extSeq: number): void
  endTurn(nowMs: number): void
} {
  const queue: WaitingPackets[] = []
  const layer = new ForwardedLayer({
    rid: undefined,
    kind: 'audio',
    extensions: [],
    config: { ...defaultMediaConfig(0), ...bounds },
    wishes: { sendKeyframeRequest() {} },
    fanOut: { add: (waiting) => queue.push(waiting), ...(nowMs && { nowMs }) },
  })
  const audio = new SyntheticAudio({ ssrc: 1, payloadType: 111 })
  const feed = (extSeq: number): void =>
    audio.frame(20, (packet) => layer.accept(packet, 0, packet.length, extSeq, opus, 1))
  const endTurn = (nowMs: number): void => {
    for (const waiting of queue.splice(0)) waiting.flush(nowMs)
  }
  return { layer, queue, feed, endTurn }
}

test('what comes in a turn is handed over together at its end, in order of arrival, and to others at once', () => {
  const { layer, queue, feed, endTurn } = stage()
  const [patient, prompt] = [new Patient(), new Prompt()]
  layer.addSink(patient)
  layer.addSink(prompt)
  for (const extSeq of [70, 72, 71]) feed(extSeq)
  expect(prompt.seen).toEqual([70, 72, 71])
  expect(patient.batches).toEqual([])
  expect(queue.length).toBe(1)
  endTurn(9)
  expect(patient.batches).toEqual([{ extSeqs: [70, 72, 71], nowMs: 9 }])
  feed(73)
  endTurn(10)
  endTurn(11)
  expect(patient.taken).toEqual([[70, 72, 71], [73]])
  expect(patient.seen).toEqual([])
  expect(layer.sinkCount).toBe(2)
})

test('without anybody who can wait, nothing waits', () => {
  const { layer, queue, feed } = stage()
  layer.addSink(new Prompt())
  feed(1)
  expect(queue).toEqual([])
})

test('a sink that leaves or throws meanwhile harms nobody else', () => {
  const { layer, feed, endTurn } = stage()
  const error = new Error('defect')
  const broken = new Patient(() => {
    throw error
  })
  const removed = new Patient()
  const remover = new Patient((from) => from.removeSink(removed))
  const sound = new Patient()
  for (const sink of [broken, remover, removed, sound]) layer.addSink(sink)
  feed(1)
  feed(2)
  endTurn(1)
  feed(3)
  endTurn(2)
  expect(broken.taken).toEqual([[1, 2]])
  expect(broken.faults).toEqual([error])
  expect(removed.taken).toEqual([])
  expect(sound.taken).toEqual([[1, 2], [3]])
  expect(layer.sinkCount).toBe(2)
})

test('who comes gets what comes from then on, and who leaves has got what came before', () => {
  const { layer, feed, endTurn } = stage()
  const [early, late] = [new Patient(), new Patient()]
  layer.addSink(early)
  feed(1)
  layer.addSink(late)
  feed(2)
  layer.removeSink(early)
  feed(3)
  endTurn(5)
  expect(early.taken).toEqual([[1], [2]])
  expect(late.taken).toEqual([[2], [3]])
})

test.each([
  ['packets', { historyPackets: 16 }],
  ['bytes', { historyBytes: 1000 }],
  ['one packet', { historyPackets: 1 }],
])('nothing that waits is lost in a history small in %s', (_, bounds) => {
  const { layer, feed, endTurn } = stage(bounds)
  const sink = new Patient()
  layer.addSink(sink)
  const extSeqs = Array.from({ length: 100 }, (_, i) => 1000 + i)
  for (const extSeq of extSeqs) feed(extSeq)
  // A jump, behind which the places of what waits are taken again.
  feed(5000)
  endTurn(1)
  expect(sink.taken.flat()).toEqual([...extSeqs, 5000])
})

test('a long burst does not wait for the end of the turn', () => {
  const { layer, feed } = stage()
  const sink = new Patient()
  layer.addSink(sink)
  for (let extSeq = 1; extSeq <= 70; extSeq++) feed(extSeq)
  expect(sink.taken.map(({ length }) => length)).toEqual([64])
})

test('what arrives while packets are being handed over waits for the next time', () => {
  const { layer, feed, endTurn } = stage()
  const sink = new Patient(() => {
    if (sink.batches.length === 1) feed(2)
  })
  layer.addSink(sink)
  feed(1)
  endTurn(1)
  expect(sink.taken).toEqual([[1]])
  endTurn(2)
  expect(sink.taken).toEqual([[1], [2]])
})

test('the time that goes by while many are fed is the time of those who come last', () => {
  let clockMs = 10
  const { layer, feed, endTurn } = stage({}, () => clockMs)
  const sinks = Array.from({ length: 40 }, () => new Patient(() => clockMs++))
  for (const sink of sinks) layer.addSink(sink)
  feed(1)
  endTurn(10)
  const times = sinks.map(({ batches }) => batches[0]?.nowMs as number)
  for (const [i, atMs] of times.entries()) {
    expect(atMs).toBeLessThanOrEqual(10 + i)
    expect(atMs).toBeGreaterThan(10 + i - 8)
  }
})
