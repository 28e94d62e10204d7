/**
 * Packets that go on as their stream was take a short way to a viewer. Two viewers with the same numbers are fed from the same layer, one of them without the
 * short way, and everything happens to both: they are sent the same bytes, and count the same.
 */
import { expect, test, vi } from 'vitest'
import { SteadyStream } from '../../src/media/egress/steady-stream.js'
import { ViewerEgress } from '../../src/media/egress/viewer-egress.js'
import { ForwardedLayer } from '../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../src/media/media-config.js'
import type { LayerSink, MediaLayer, MediaSource, RtpOutput } from '../../src/media/types.js'
import { EXTENSION_URI } from '../../src/rtp/extension-uri.js'
import { writeNack, writePli } from '../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../src/rtp/rtcp/report-block.js'
import { TransportFeedbackWriter } from '../../src/rtp/rtcp/transport-feedback-writer.js'
import type { Codec, HeaderExtension } from '../../src/rtp/types.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { type SyntheticElement, SyntheticVideo } from '../../src/testing/synthetic-video.js'
import { MID_URI, payloadCodec, TRANSPORT_WIDE_URI, VP8 } from './support/sections.js'
import { isRtcp, TestOutput } from './support/test-output.js'

const PACKET_BYTES = 200
/** With a picture id of 15 bits, TL0PICIDX and temporal layer. */
const DESCRIPTOR_BYTES = 6
/** With the most, nearly all frames may leave at once; with the least, hardly any. */
const ESTIMATES_BPS = [400_000, 1_000_000, 2_000_000]
const SSRC = 77
const RTX_SSRC = 78
const ORIENTATION_ID = 5
const EXTENSIONS: readonly HeaderExtension[] = [
  { id: 4, uri: MID_URI },
  { id: ORIENTATION_ID, uri: EXTENSION_URI.videoOrientation },
]
const OTHER_EXTENSIONS: readonly HeaderExtension[] = [{ id: 4, uri: EXTENSION_URI.videoOrientation }]
const MID: SyntheticElement = { id: 4, data: Buffer.from('m') }
const ORIENTATION: SyntheticElement = { id: ORIENTATION_ID, data: Buffer.of(1) }

/** The same layer for a sink that is handed each packet by itself, and so never the short way. */
class LongWay implements MediaLayer {
  readonly #layer: ForwardedLayer
  readonly #sinks = new Map<LayerSink, LayerSink>()

  constructor(layer: ForwardedLayer) {
    this.#layer = layer
  }

  get rid() {
    return this.#layer.rid
  }
  get keyframesOnDemand() {
    return this.#layer.keyframesOnDemand
  }
  get history() {
    return this.#layer.history
  }
  get codec() {
    return this.#layer.codec
  }
  get captureClock() {
    return this.#layer.captureClock
  }
  info(nowMs: number) {
    return this.#layer.info(nowMs)
  }
  layerIds(...args: Parameters<MediaLayer['layerIds']>) {
    return this.#layer.layerIds(...args)
  }
  requestKeyframe(nowMs: number) {
    this.#layer.requestKeyframe(nowMs)
  }
  addSink(sink: LayerSink) {
    const own: LayerSink = { onPacket: (packet, _layer, nowMs) => sink.onPacket(packet, this, nowMs) }
    this.#sinks.set(sink, own)
    this.#layer.addSink(own)
  }
  removeSink(sink: LayerSink) {
    const own = this.#sinks.get(sink)
    if (own !== undefined) this.#layer.removeSink(own)
    this.#sinks.delete(sink)
  }
}

/** A viewer with the output and the feeds that it has of both publishers. */
interface Viewer {
  readonly egress: ViewerEgress
  readonly output: TestOutput & { backlogged?: boolean }
  readonly sent: string[]
  /** When the RTP packets of it were sent. */
  readonly sentMs: number[]
  /** What its statistics have said, turn by turn. */
  readonly rates: number[]
  readonly sources: readonly MediaSource[]
}

function createViewer(
  sources: readonly MediaSource[],
  transportWideId: number,
  minBps: number,
  clock: { nowMs: number },
): Viewer {
  const sent: string[] = []
  const sentMs: number[] = []
  const output: TestOutput & { backlogged?: boolean } = new TestOutput((buffer, start, end) => {
    const packet = buffer.subarray(start, end)
    sent.push((isRtcp(packet) ? 'rtcp ' : '') + packet.toString('hex'))
    if (!isRtcp(packet)) sentMs.push(clock.nowMs)
  })
  const codecs = [
    { ...payloadCodec(120, VP8, ['nack', 'nack pli', 'transport-cc']), rtxPayloadType: 121 },
    { ...payloadCodec(122, { ...VP8, parameters: { 'max-fr': '30' } }, ['nack', 'transport-cc']), rtxPayloadType: 123 },
  ]
  const extensions = [
    { id: 3, uri: MID_URI },
    { id: 9, uri: EXTENSION_URI.videoOrientation },
    ...(transportWideId === 0 ? [] : [{ id: transportWideId, uri: TRANSPORT_WIDE_URI }]),
  ]
  const egress = new ViewerEgress({
    id: 'v',
    sections: [{ mid: 'm', kind: 'video', codecs, extensions, ssrc: SSRC, rtxSsrc: RTX_SSRC }],
    cname: 'c',
    output: output as RtpOutput,
    config: { ...defaultMediaConfig(0), startEstimateBps: minBps, minEstimateBps: minBps },
    initialSeq: () => 32_000,
    initialTimestamp: () => 0xffff_0000,
  })
  egress.setSource('main', sources[0], 0)
  egress.start(0)
  return { egress, output, sent, sentMs, rates: [], sources }
}

/** A publisher's video, with losses, reordering and changes of codec, the second one's with temporal layers. It comes by `layer`. */
class Publisher {
  readonly layer: ForwardedLayer
  readonly #random: SeededRandom
  readonly #video: SyntheticVideo
  readonly #codecs: readonly Codec[] = [{ ...VP8 }, { ...VP8, parameters: { 'max-fr': '30' } }]
  #codec = this.#codecs[0] as Codec
  #extSeq = 70_000
  readonly #hasLayers: boolean
  readonly #held: { bytes: Buffer; extSeq: number; codec: Codec }[] = []

  constructor(
    random: SeededRandom,
    extensions: readonly HeaderExtension[],
    ssrc: number,
    queue: Set<{ flush(nowMs: number): void }>,
  ) {
    this.#random = random
    this.#hasLayers = ssrc === 2
    const timestamp = random.integer(0, 2 ** 31) * 2
    this.#video = new SyntheticVideo({
      ssrc,
      payloadType: 96,
      keyframePackets: 5,
      framePackets: 4,
      packetBytes: PACKET_BYTES,
      timestamp,
      pictureId: random.integer(0, 0x7fff),
    })
    this.layer = new ForwardedLayer({
      rid: undefined,
      kind: 'video',
      extensions,
      config: defaultMediaConfig(0),
      wishes: { sendKeyframeRequest: () => (this.#video.keyframeWanted = true) },
      fanOut: { add: (waiting) => queue.add(waiting) },
    })
  }

  frame(nowMs: number): void {
    const random = this.#random
    const video = this.#video
    if (random.chance(0.004)) {
      this.#codec = this.#codecs[random.integer(0, 1)] as Codec
      video.keyframeWanted = random.chance(0.5)
    }
    if (random.chance(0.003)) this.#extSeq += 5000
    if (random.chance(0.01)) video.keyframeWanted = true
    if (random.chance(0.01)) video.timestamp = (video.timestamp + random.integer(-90_000, 90_000)) >>> 0
    video.elements = random.chance(0.1) ? [MID, ORIENTATION] : [MID]
    const isKeyframe = video.keyframeWanted
    const temporalId = isKeyframe ? 0 : video.framesSent & 1
    video.frame(33, (bytes) => {
      const descriptor = bytes.length - PACKET_BYTES - DESCRIPTOR_BYTES
      // Its last byte says the temporal layer; without, it is the first of the frame's data.
      bytes[descriptor + 1] = this.#hasLayers ? 0xe0 : 0xc0
      bytes[descriptor + 5] = this.#hasLayers ? temporalId << 6 : isKeyframe ? 0x10 : 0x11
      const packet = { bytes, extSeq: this.#extSeq++, codec: this.#codec }
      if (random.chance(0.005)) return
      if (random.chance(0.005)) this.#held.push(packet)
      else this.#accept(packet, nowMs)
    })
    if (random.chance(0.3)) for (const packet of this.#held.splice(0)) this.#accept(packet, nowMs)
  }

  #accept({ bytes, extSeq, codec }: { bytes: Buffer; extSeq: number; codec: Codec }, nowMs: number): void {
    this.layer.accept(bytes, 0, bytes.length, extSeq, codec, nowMs)
  }
}

/** What has become of the packets to a viewer: how many went the short way, how many there were, and how many of these had to wait. */
interface Played {
  readonly short: number
  readonly packets: number
  readonly waited: number
}

function play(seed: number, transportWideId: number, minBps: number): Played {
  const random = new SeededRandom(seed)
  const queue = new Set<{ flush(nowMs: number): void }>()
  const publishers = [new Publisher(random, EXTENSIONS, 1, queue), new Publisher(random, OTHER_EXTENSIONS, 2, queue)]
  const sourcesOf = (layerOf: (publisher: Publisher) => MediaLayer): MediaSource[] =>
    publishers.map((publisher, i) => ({
      id: `s${i}`,
      tracks: [
        { id: '0', kind: 'video', extensions: i === 0 ? EXTENSIONS : OTHER_EXTENSIONS, layers: [layerOf(publisher)] },
      ],
    }))
  const isRough = minBps === ESTIMATES_BPS[0]
  const clock = { nowMs: 1000 }
  const ways = vi.spyOn(SteadyStream.prototype, 'send')
  const long = createViewer(
    sourcesOf(({ layer }) => new LongWay(layer)),
    transportWideId,
    minBps,
    clock,
  )
  const short = createViewer(
    sourcesOf(({ layer }) => layer),
    transportWideId,
    minBps,
    clock,
  )
  const both = [long, short]
  const writer = new TransportFeedbackWriter(1)
  const rtcp = Buffer.alloc(1500)
  const ticks = new Int32Array(512)
  let feedbackTo = 0
  let delayTicks = 0
  const receive = (end: number): void => {
    for (const { egress } of both) egress.receiveRtcp(rtcp, 0, end, clock.nowMs)
  }
  const newestSeq = (): number => {
    const packet = short.sent.findLast((hex) => !hex.startsWith('rtcp') && hex.slice(16, 24) === '0000004d') ?? ''
    return Number.parseInt(packet.slice(4, 8), 16)
  }
  const feedBack = (): void => {
    const count = Math.min(300, short.sentMs.length - feedbackTo)
    if (count <= 0 || transportWideId === 0) return
    if (isRough) delayTicks = Math.min(400, Math.max(0, delayTicks + random.integer(-8, 8)))
    for (let i = 0; i < count; i++) ticks[i] = Math.round((short.sentMs[feedbackTo + i] as number) * 4) + delayTicks
    const end = writer.write(rtcp, 0, rtcp.length, 1, feedbackTo & 0xffff, ticks, 0, count)
    feedbackTo += writer.taken
    receive(end)
  }
  for (let turn = 0; turn < 1500; turn++) {
    publishers[0]?.frame(clock.nowMs)
    if (random.chance(0.5)) publishers[1]?.frame(clock.nowMs)
    for (const waiting of queue) waiting.flush(clock.nowMs)
    queue.clear()
    if (turn % 4 === 0) feedBack()
    if (random.chance(0.02) && short.sent.length > 0) {
      const highestSeq = newestSeq()
      if (!Number.isNaN(highestSeq)) {
        receive(writeReceiverReport(rtcp, 0, 1, [{ ...createReportBlock(), ssrc: SSRC, highestSeq }]))
        const lost = Array.from({ length: 3 }, () => (highestSeq - random.integer(0, 20)) & 0xffff)
        receive(writeNack(rtcp, 0, 1, SSRC, Uint16Array.from(lost.sort((a, b) => a - b)), 3))
      }
    }
    if (random.chance(0.004)) receive(writePli(rtcp, 0, 1, SSRC))
    const isFull = isRough && random.chance(0.01)
    const isBacklogged = isRough && random.chance(0.02)
    const source = random.chance(0.004) ? random.integer(0, 4) : -1
    const maxTemporalId = random.chance(0.005) ? random.integer(0, 2) : -1
    for (const { egress, output, sources, rates } of both) {
      output.full = isFull
      output.backlogged = isBacklogged
      if (source >= 0) egress.setSource('main', sources[source >> 1], clock.nowMs)
      if (maxTemporalId >= 0) egress.configure({ layer: maxTemporalId === 2 ? null : { maxTemporalId } }, clock.nowMs)
      egress.tick(clock.nowMs)
      rates.push(egress.stats(clock.nowMs).bitrateBps)
    }
    clock.nowMs += random.integer(10, 60)
    if (random.chance(0.7)) for (const { egress } of both) egress.tick(clock.nowMs)
    if (short.sent.length !== long.sent.length) break
  }
  const taken = ways.mock.results.filter(({ value }) => value === true).length
  ways.mockRestore()
  expect(short.sent, `seed ${seed}`).toEqual(long.sent)
  expect(short.rates, `seed ${seed}`).toEqual(long.rates)
  expect(short.egress.stats(clock.nowMs), `seed ${seed}`).toEqual(long.egress.stats(clock.nowMs))
  return { short: taken, packets: short.output.rtpPackets, waited: short.egress.stats(clock.nowMs).pacing.queued }
}

test.each([
  ['a transport-wide number', 7],
  ['no header extension', 0],
])('packets with %s are the same by both ways', (_, transportWideId) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  let short = 0
  let packets = 0
  let waited = 0
  for (let run = 0; run < 9; run++) {
    const played = play(seed + run, transportWideId, ESTIMATES_BPS[run % 3] as number)
    short += played.short
    packets += played.packets
    waited += played.waited
  }
  // Otherwise not much has been compared.
  expect(packets).toBeGreaterThan(5000)
  expect(waited).toBeGreaterThan(transportWideId === 0 ? -1 : 100)
  expect(short, `seed ${seed}`).toBeGreaterThan(500)
})
