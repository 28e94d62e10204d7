import { afterEach, expect, test, vi } from 'vitest'
import { SteadyStream } from '../../../../src/media/egress/steady-stream.js'
import { ViewerEgress } from '../../../../src/media/egress/viewer-egress.js'
import { ForwardedLayer } from '../../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import { EXTENSION_URI } from '../../../../src/rtp/extension-uri.js'
import { writeNack } from '../../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../../src/rtp/rtcp/report-block.js'
import type { Codec } from '../../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

const VP8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const SSRC = 77
const RTX_SSRC = 78
const ORIENTATION_ID = 2
const PACKET_BYTES = 100
const FRAME_PACKETS = 3

afterEach(() => {
  vi.restoreAllMocks()
})

/** A viewer of one video, and which of its packets go the short way. */
class Watched {
  readonly sent: Buffer[] = []
  readonly output = {
    buffer: Buffer.alloc(2048),
    backlogged: false,
    full: false,
    reserve: () => (this.output.full ? -1 : 64),
    sendRtp: (offset: number, _headerLength: number, length: number) => {
      this.sent.push(Buffer.from(this.output.buffer.subarray(offset, offset + length)))
    },
    sendRtcp() {},
  }
  readonly video = new SyntheticVideo({
    ssrc: 1,
    payloadType: 96,
    keyframePackets: FRAME_PACKETS,
    framePackets: FRAME_PACKETS,
    packetBytes: PACKET_BYTES,
    pictureId: 9,
  })
  readonly egress: ViewerEgress
  codec = VP8
  /** Of the next packet. */
  extSeq = 100_000
  nowMs = 1000
  temporalId = 0
  readonly #layer: ForwardedLayer
  readonly #ways: { mock: { results: { value: unknown }[] } }

  constructor() {
    this.#ways = vi.spyOn(SteadyStream.prototype, 'send')
    const config = { ...defaultMediaConfig(0), instantStartMaxAgeMs: 0 }
    const extensions = [{ id: ORIENTATION_ID, uri: EXTENSION_URI.videoOrientation }]
    const wishes = { sendKeyframeRequest() {} }
    this.#layer = new ForwardedLayer({ rid: undefined, kind: 'video', extensions, config, wishes })
    const feedback = ['nack', 'transport-cc']
    this.egress = new ViewerEgress({
      id: 'v',
      sections: [
        {
          mid: 'm',
          kind: 'video',
          codecs: [{ payloadType: 120, rtxPayloadType: 121, codec: VP8, feedback }],
          extensions: [
            { id: 3, uri: EXTENSION_URI.mid },
            { id: 7, uri: EXTENSION_URI.transportWide },
            { id: 9, uri: EXTENSION_URI.videoOrientation },
          ],
          ssrc: SSRC,
          rtxSsrc: RTX_SSRC,
        },
      ],
      cname: 'c',
      output: this.output,
      config,
      initialSeq: () => 5,
      initialTimestamp: () => 0,
    })
    const tracks = [{ id: '0', kind: 'video' as const, extensions, layers: [this.#layer] }]
    this.egress.setSource('main', { id: 's', tracks }, this.nowMs)
    this.egress.start(this.nowMs)
  }

  /** The packets of one frame arrive but those left out; returns which way each has gone. */
  frame(left: readonly number[] = []): unknown[] {
    const { results } = this.#ways.mock
    const before = results.length
    let index = 0
    // A new bucket of the rate begins with the first packet, which is not what is tested here.
    this.nowMs += 1
    this.video.frame(33, (packet) => {
      packet[packet.length - PACKET_BYTES - 1] = this.temporalId << 6
      const extSeq = this.extSeq++
      if (!left.includes(index++)) this.#layer.accept(packet, 0, packet.length, extSeq, this.codec, this.nowMs)
    })
    return results.slice(before).map(({ value }) => value)
  }

  /** The viewer says that it has received something of the stream. */
  report(): void {
    const rtcp = Buffer.alloc(64)
    const end = writeReceiverReport(rtcp, 0, 1, [{ ...createReportBlock(), ssrc: SSRC, highestSeq: 5 }])
    this.egress.receiveRtcp(rtcp, 0, end, this.nowMs)
  }

  nack(seq: number): void {
    const rtcp = Buffer.alloc(64)
    this.egress.receiveRtcp(rtcp, 0, writeNack(rtcp, 0, 1, SSRC, [seq]), this.nowMs)
  }
}

function steady(): Watched {
  const watched = new Watched()
  watched.frame()
  watched.report()
  watched.frame()
  expect(watched.frame()).toEqual([true, true, true])
  return watched
}

test('until the viewer knows the stream, its packets go the long way', () => {
  const watched = new Watched()
  expect(watched.frame()).toEqual([false, false, false])
  expect(watched.frame()).toEqual([false, false, false])
  watched.report()
  // The first one shows that nothing has changed.
  expect(watched.frame()).toEqual([false, true, true])
})

test('the packet behind a gap goes the long way, and so does what comes late', () => {
  const watched = steady()
  expect(watched.frame([1])).toEqual([true, false])
  expect(watched.frame()).toEqual([true, true, true])
  watched.extSeq -= FRAME_PACKETS + 2
  watched.video.seq -= FRAME_PACKETS + 2
  // The missing one, and two that are known.
  expect(watched.frame()).toEqual([false])
  expect(watched.sent.at(-1)?.readUInt16BE(2)).toBe(5 + 3 * FRAME_PACKETS + 1)
})

test('a keyframe begins the long way', () => {
  const watched = steady()
  watched.video.keyframeWanted = true
  expect(watched.frame()).toEqual([false, true, true])
})

test('another codec goes the long way, up to its keyframe', () => {
  const watched = steady()
  watched.codec = { ...VP8 }
  expect(watched.frame()).toEqual([false, false, false])
  watched.codec = VP8
  expect(watched.frame()).toEqual([false, false, false])
  watched.video.keyframeWanted = true
  expect(watched.frame()).toEqual([false, false, true])
  expect(watched.frame()).toEqual([true, true, true])
})

test('what carries an element that is handed on goes the long way', () => {
  const watched = steady()
  watched.video.elements = [{ id: ORIENTATION_ID, data: Buffer.of(1) }]
  expect(watched.frame()).toEqual([false, false, false])
  watched.video.elements = [{ id: 11, data: Buffer.of(1) }]
  expect(watched.frame()).toEqual([true, true, true])
})

test('while the transport takes nothing, packets wait in the pacer, and none overtakes them', () => {
  const watched = steady()
  watched.output.backlogged = true
  const before = watched.sent.length
  expect(watched.frame()).toEqual([false, false, false])
  watched.output.backlogged = false
  expect(watched.frame()).toEqual([false, false, false])
  expect(watched.sent.length).toBe(before)
  watched.egress.tick(watched.nowMs)
  // Besides them, a probe may be filled up.
  const onStream = watched.sent.filter((packet) => packet.readUInt32BE(8) === SSRC)
  const seqs = onStream.map((packet) => packet.readUInt16BE(2))
  expect(seqs).toEqual(seqs.map((_, i) => 5 + i))
  expect(seqs.length).toBe(before + 2 * FRAME_PACKETS)
})

test('packets of layers above a new limit are left out at once', () => {
  const watched = steady()
  watched.temporalId = 1
  expect(watched.frame()).toEqual([true, true, true])
  const before = watched.sent.length
  watched.egress.configure({ layer: { maxTemporalId: 0 } }, watched.nowMs)
  watched.temporalId = 0
  expect(watched.frame()).toEqual([false, false, false])
  watched.temporalId = 1
  expect(watched.frame()).toEqual([false, false, false])
  expect(watched.sent.length).toBe(before + FRAME_PACKETS)
})

test('a packet for which there is no room is counted, and leaves its number to none', () => {
  const watched = steady()
  watched.output.full = true
  expect(watched.frame().every((way) => way === true)).toBe(false)
  watched.output.full = false
  expect(watched.egress.stats(watched.nowMs).dropped.outputFull).toBe(FRAME_PACKETS)
  watched.frame()
  expect(watched.sent.at(-1)?.readUInt16BE(2)).toBe(5 + 5 * FRAME_PACKETS - 1)
})

test('a packet that went the short way is sent again over RTX as it was', () => {
  const watched = steady()
  const original = watched.sent.at(-1) as Buffer
  watched.nowMs += 500
  watched.nack(original.readUInt16BE(2))
  const again = watched.sent.at(-1) as Buffer
  expect(again.readUInt32BE(8)).toBe(RTX_SSRC)
  expect(again.readUInt32BE(4)).toBe(original.readUInt32BE(4))
  const payload = original.subarray(-PACKET_BYTES - 6)
  expect(again.subarray(-payload.length)).toEqual(payload)
  expect(again.readUInt16BE(again.length - payload.length - 2)).toBe(original.readUInt16BE(2))
})

test('nothing is sent any more once the source is gone', () => {
  const watched = steady()
  const before = watched.sent.length
  watched.egress.setSource('main', undefined, watched.nowMs)
  expect(watched.frame()).toEqual([])
  expect(watched.sent.length).toBe(before)
})

test('what is counted is what was sent', () => {
  const watched = steady()
  const { packetsSent, bytesSent, bitrateBps } = watched.egress.stats(watched.nowMs + 10)
  expect(packetsSent).toBe(3 * FRAME_PACKETS)
  expect(bytesSent).toBe(watched.sent.reduce((sum, packet) => sum + packet.length, 0))
  expect(bitrateBps).toBeGreaterThan(0)
})
