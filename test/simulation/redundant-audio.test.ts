import { expect, test } from 'vitest'
import { writeNack } from '../../src/rtp/rtcp/feedback.js'
import type { PayloadCodec } from '../../src/rtp/types.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import type { LinkConditions } from '../../src/testing/virtual-network.js'
import { RedAudio, redCodecs } from './support/red-audio.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VIEWER_EXTENSIONS } from './support/sections.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const RED = 63
const PUBLISHED_OPUS = 111

interface Scene {
  readonly stage: Stage
  readonly publisher: SimulatedPublisher
  readonly audio: RedAudio
  /** Sends one packet, and lets 20 ms pass. */
  say(redundant: boolean): void
}

function setUp(uplink: Partial<LinkConditions> = {}, seed = 1): Scene {
  const stage = new Stage()
  const extensions = PUBLISHER_EXTENSIONS
  const codecs = redCodecs(RED, PUBLISHED_OPUS)
  const sections = [{ mid: '0', kind: 'audio' as const, codecs, extensions, ssrcs: [], rids: [] }]
  const publisher = stage.publisher({ sections, uplink, seed })
  const audio = new RedAudio(publisher.audio, RED, PUBLISHED_OPUS)
  const say = (redundant: boolean): void => {
    publisher.send(audio.packet(redundant))
    stage.run(20)
  }
  return { stage, publisher, audio, say }
}

function join({ stage, publisher }: Scene, codecs: readonly PayloadCodec[], rtxSsrc?: number): SimulatedViewer {
  const ssrc = 0x3000 + stage.viewers.length
  const section = { mid: 'a', kind: 'audio' as const, codecs, extensions: VIEWER_EXTENSIONS, ssrc }
  return stage.join(publisher, { sections: [rtxSsrc === undefined ? section : { ...section, rtxSsrc }] })
}

const received = ({ audio }: SimulatedViewer) => [...audio.packets].sort((a, b) => a.extSeq - b.extSeq)
const payloads = (viewer: SimulatedViewer) => received(viewer).map(({ payload }) => payload.toString('hex'))
const payloadTypes = (viewer: SimulatedViewer) => [...new Set(viewer.audio.packets.map((packet) => packet.payloadType))]

test('who knows redundant audio gets it as it is, who does not gets each packet without', () => {
  const scene = setUp()
  const same = join(scene, redCodecs(RED, PUBLISHED_OPUS))
  const renamed = join(scene, redCodecs(97, 100))
  const plain = join(scene, [payloadCodec(109, OPUS)])
  const sent: Buffer[] = []
  for (let i = 0; i < 50; i++) {
    const packet = scene.audio.packet(true)
    sent.push(Buffer.from(packet.subarray(12)))
    scene.publisher.send(packet)
    scene.stage.run(20)
  }
  expect([same, renamed, plain].map(payloadTypes)).toEqual([[RED], [97], [109]])
  expect(payloads(same)).toEqual(sent.map((payload) => payload.toString('hex')))
  const blocks = sent.map((payload, i) => {
    payload[0] = i === 0 ? 100 : 0x80 | 100
    if (i > 0) payload[4] = 100
    return payload.toString('hex')
  })
  expect(payloads(renamed)).toEqual(blocks)
  expect(payloads(plain)).toEqual(scene.audio.frames.map((frame) => frame.toString('hex')))
  for (const viewer of [same, renamed, plain]) {
    expect(viewer.audio.gaps()).toBe(0)
    expect(viewer.audio.timestampSteps()).toEqual({ leastMs: 20, mostMs: 20 })
  }
  expect(plain.egress.stats(scene.stage.nowMs).tracks[0]).toMatchObject({ codec: 'opus' })
  expect(same.egress.stats(scene.stage.nowMs).tracks[0]).toMatchObject({ codec: 'red' })
})

test('plain Opus goes to everybody as Opus', () => {
  const scene = setUp()
  const knowing = join(scene, redCodecs(97, 100))
  const plain = join(scene, [payloadCodec(109, OPUS)])
  for (let i = 0; i < 20; i++) scene.say(false)
  expect([knowing, plain].map(payloadTypes)).toEqual([[100], [109]])
  const frames = scene.audio.frames.map((frame) => frame.toString('hex'))
  expect([knowing, plain].map(payloads)).toEqual([frames, frames])
})

test.each([1, 2, 3])(
  'a publisher that turns to and fro is heard without a break, in spite of jitter, seed %i',
  (seed) => {
    const random = new SeededRandom(seed)
    const scene = setUp({ delayMs: 40, jitterMs: 15 }, seed)
    const knowing = join(scene, redCodecs(97, 100))
    const plain = join(scene, [payloadCodec(109, OPUS)])
    for (let i = 0; i < 100; i++) {
      const redundant = random.chance(0.5)
      for (let count = random.integer(1, 10); count > 0; count--) scene.say(redundant)
    }
    scene.stage.run(200)
    expect(payloads(plain)).toEqual(scene.audio.frames.map((frame) => frame.toString('hex')))
    expect(payloadTypes(knowing).sort()).toEqual([100, 97])
    for (const viewer of [knowing, plain]) {
      expect(viewer.audio.gaps()).toBe(0)
      expect(viewer.audio.timestampSteps()).toEqual({ leastMs: 20, mostMs: 20 })
    }
  },
)

/** Asks for the newest of what is missing. */
function ask(viewer: SimulatedViewer): void {
  const seqs = new Set(viewer.audio.sortedSeqs())
  const newest = Math.max(...seqs)
  const missing: number[] = []
  for (let seq = newest - 100; seq < newest; seq++) if (!seqs.has(seq) && seq > Math.min(...seqs)) missing.push(seq)
  if (missing.length === 0) return
  const nack = Buffer.alloc(12 + 4 * missing.length)
  const numbers = missing.map((seq) => seq & 0xffff)
  viewer.uplink.send(nack, 0, writeNack(nack, 0, 1, viewer.audio.ssrc, numbers))
}

// The simulated output throws where the same number is sent with other bytes.
test.each([
  ['without redundancy', [payloadCodec(109, OPUS, ['nack'])], undefined],
  ['with blocks of another payload type', redCodecs(97, 100, ['nack']), undefined],
  ['without redundancy, over RTX', [{ ...payloadCodec(109, OPUS, ['nack']), rtxPayloadType: 110 }], 0x9999],
] as const)('what is sent again %s is the same', (_what, codecs, rtxSsrc) => {
  const scene = setUp()
  const viewer = join(scene, codecs, rtxSsrc)
  scene.say(true)
  scene.stage.run(100)
  viewer.downlink.conditions.lossRate = 0.2
  for (let i = 0; i < 300; i++) {
    // To plain Opus and back every two seconds.
    scene.say(i % 100 < 90)
    if (i % 10 === 0) ask(viewer)
  }
  viewer.downlink.conditions.lossRate = 0
  for (let i = 0; i < 10; i++) {
    scene.say(true)
    ask(viewer)
  }
  scene.stage.run(200)
  expect(viewer.audio.gaps()).toBe(0)
  expect(viewer.egress.stats(scene.stage.nowMs).retransmission.packets).toBeGreaterThan(20)
  if (codecs.length > 1) return
  expect(payloads(viewer)).toEqual(scene.audio.frames.map((frame) => frame.toString('hex')))
})

test('what is malformed is counted and left out, as if it had never been', () => {
  const scene = setUp()
  const knowing = join(scene, redCodecs(97, 100))
  const plain = join(scene, [payloadCodec(109, OPUS)])
  const bad = [
    [0x80 | PUBLISHED_OPUS, 15, 1, 80, PUBLISHED_OPUS, 1, 2],
    [PUBLISHED_OPUS],
    [0x80 | PUBLISHED_OPUS, 15],
    [13, 1, 2, 3],
    [0x80 | 13, 15, 0, 1, PUBLISHED_OPUS, 9, 9],
  ]
  for (let i = 0; i < 50; i++) {
    scene.say(true)
    if (i % 10 !== 5) continue
    scene.audio.audio.payloadType = RED
    scene.publisher.send(scene.audio.audio.packet(Buffer.from(bad[(i - 5) / 10] as number[]), false))
    scene.audio.audio.advance(20)
    scene.stage.run(20)
  }
  expect(scene.publisher.ingest.stats(scene.stage.nowMs).dropped.malformedRed).toBe(5)
  expect(payloads(plain)).toEqual(scene.audio.frames.map((frame) => frame.toString('hex')))
  expect([knowing.audio.gaps(), plain.audio.gaps()]).toEqual([0, 0])
})
