/** Viewers that are handed the packets of a turn together send the same bytes as viewers that are handed each packet at once. */
import { expect, test } from 'vitest'
import { ViewerEgress } from '../../src/media/egress/viewer-egress.js'
import type { WaitingPackets } from '../../src/media/fan-out.js'
import { ForwardedLayer } from '../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../src/media/media-config.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { SyntheticVideo } from '../../src/testing/synthetic-video.js'
import { payloadCodec, VIEWER_EXTENSIONS, VP8 } from './support/sections.js'
import { isRtcp, TestOutput } from './support/test-output.js'

const VIEWERS = 6
const TURNS = 400

/** What happens, in this order, at the time of its turn. */
type Happening =
  | { readonly type: 'packet'; readonly bytes: Buffer; readonly extSeq: number }
  | { readonly type: 'join' | 'leave' | 'tick' | 'keyframe-wish'; readonly viewer: number }

interface Turn {
  readonly nowMs: number
  readonly happenings: readonly Happening[]
}

/** A stream with losses, reordering and keyframes, in bursts of all sizes, with viewers who come and go. */
function plan(random: SeededRandom): Turn[] {
  const video = new SyntheticVideo({ ssrc: 1, payloadType: 96, keyframePackets: 9, framePackets: 4, packetBytes: 40 })
  const waiting: { bytes: Buffer; extSeq: number }[] = []
  const turns: Turn[] = []
  let extSeq = 70_000
  let nowMs = 1000
  for (let turn = 0; turn < TURNS; turn++) {
    video.keyframeWanted ||= random.chance(0.08)
    if (random.chance(0.7)) {
      video.frame(33, (bytes) => {
        if (!random.chance(0.04)) waiting.push({ bytes, extSeq })
        extSeq++
      })
    }
    if (random.chance(0.01)) extSeq += 5000
    const happenings: Happening[] = []
    for (let count = random.integer(0, 2 * waiting.length); count > 0 && waiting.length > 0; count--) {
      const at = random.chance(0.1) ? random.integer(0, Math.min(4, waiting.length - 1)) : 0
      for (const packet of waiting.splice(at, 1)) happenings.push({ type: 'packet', ...packet })
      if (!random.chance(0.3)) continue
      const type = random.chance(0.3)
        ? 'join'
        : random.chance(0.2)
          ? 'leave'
          : random.chance(0.7)
            ? 'tick'
            : 'keyframe-wish'
      happenings.push({ type, viewer: random.integer(0, VIEWERS - 1) })
    }
    turns.push({ nowMs, happenings })
    nowMs += random.integer(1, 40)
  }
  return turns
}

/** What each viewer is sent. */
function play(turns: readonly Turn[], historyPackets: number, batches: boolean): string[][] {
  const config = { ...defaultMediaConfig(0), historyPackets }
  const queue = new Set<WaitingPackets>()
  const layer = new ForwardedLayer({
    rid: undefined,
    kind: 'video',
    extensions: [],
    config,
    wishes: { sendKeyframeRequest() {} },
    fanOut: batches ? { add: (waiting) => queue.add(waiting) } : undefined,
  })
  const source = { id: 's', tracks: [{ id: '0', kind: 'video' as const, extensions: [], layers: [layer] }] }
  const sent = Array.from({ length: VIEWERS }, (): string[] => [])
  const viewers: (ViewerEgress | undefined)[] = []
  let joins = 0
  const join = (index: number, nowMs: number): void => {
    const ssrc = 1000 + joins++
    // Reports may be sent in the middle of a turn, and count what has left by then.
    const output = new TestOutput((buffer, start, end) => {
      const packet = buffer.subarray(start, end)
      if (!isRtcp(packet)) sent[index]?.push(packet.toString('hex'))
    })
    const egress = new ViewerEgress({
      id: `v${ssrc}`,
      sections: [{ mid: 'v', kind: 'video', codecs: [payloadCodec(120, VP8)], extensions: VIEWER_EXTENSIONS, ssrc }],
      cname: 'c',
      output,
      config,
      initialSeq: () => ssrc,
      initialTimestamp: () => 5,
    })
    egress.setSource('main', source, nowMs)
    egress.start(nowMs)
    viewers[index] = egress
  }
  for (const { nowMs, happenings } of turns) {
    for (const happening of happenings) {
      if (happening.type === 'packet') {
        layer.accept(happening.bytes, 0, happening.bytes.length, happening.extSeq, VP8, nowMs)
        continue
      }
      const { viewer } = happening
      if (happening.type === 'join' && viewers[viewer] === undefined) join(viewer, nowMs)
      else if (happening.type === 'keyframe-wish') viewers[viewer]?.requestKeyframe(nowMs)
      else if (happening.type === 'tick') for (const one of viewers) one?.tick(nowMs)
      else if (happening.type === 'leave') {
        viewers[viewer]?.close(nowMs)
        viewers[viewer] = undefined
      }
    }
    for (const waiting of queue) waiting.flush(nowMs)
    queue.clear()
    for (const viewer of viewers) viewer?.tick(nowMs)
  }
  return sent
}

test.each([8, 64, 2048])('with a history of %i packets', (historyPackets) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  for (let run = 0; run < 12; run++) {
    const turns = plan(new SeededRandom(seed + run))
    const atOnce = play(turns, historyPackets, false)
    const together = play(turns, historyPackets, true)
    expect(atOnce.flat().length).toBeGreaterThan(500)
    expect(together, `seed ${seed + run}`).toEqual(atOnce)
  }
})
