import { expect, test } from 'vitest'
import { PublisherIngest } from '../../../../src/media/ingest/publisher-ingest.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { RtpOutput } from '../../../../src/media/types.js'
import { feedbackMediaSsrc, isReportRequest } from '../../../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { SENDER_REPORT_LENGTH, writeSenderReport } from '../../../../src/rtp/rtcp/sender-report.js'
import type { MediaKind, PayloadCodec } from '../../../../src/rtp/types.js'
import { SyntheticAudio, SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

/** Notes which streams were asked about, and when. */
class Asked implements RtpOutput {
  readonly buffer = Buffer.alloc(4096)
  readonly requests: { readonly atMs: number; readonly ssrcs: readonly number[] }[] = []
  nowMs = 0
  reserve(): number {
    return 0
  }
  sendRtp(): void {
    throw new Error('an ingest sends no RTP')
  }
  sendRtcp(offset: number, length: number): void {
    const reader = new RtcpReader()
    if (!reader.reset(this.buffer, offset, offset + length)) throw new Error('no compound packet')
    const ssrcs: number[] = []
    while (reader.next()) if (isReportRequest(reader)) ssrcs.push(feedbackMediaSsrc(this.buffer, reader))
    if (ssrcs.length > 0) this.requests.push({ atMs: this.nowMs, ssrcs })
  }
}

function setUp() {
  const output = new Asked()
  const codec = (kind: MediaKind, payloadType: number, clockRate: number): PayloadCodec => {
    const name = kind === 'audio' ? 'opus' : 'VP8'
    return { payloadType, codec: { name, kind, clockRate, channels: 1, parameters: {} }, feedback: [] }
  }
  const sections = [
    { mid: 'a', kind: 'audio', codecs: [codec('audio', 111, 48_000)], extensions: [], ssrcs: [], rids: [] },
    { mid: 'v', kind: 'video', codecs: [codec('video', 96, 90_000)], extensions: [], ssrcs: [], rids: [] },
  ] as const
  const config = defaultMediaConfig(0)
  const ingest = new PublisherIngest({ id: 'p', sections, localSsrc: 1, cname: 'c', output, config })
  const streams = new Map<number, SyntheticAudio | SyntheticVideo>()
  return {
    output,
    ingest,
    /** Time passes, with whatever is due. */
    runTo(untilMs: number): void {
      for (; output.nowMs < untilMs; output.nowMs += 5) ingest.tick(output.nowMs)
    },
    send(ssrc: number): void {
      let stream = streams.get(ssrc)
      if (stream === undefined) {
        stream =
          ssrc < 100
            ? new SyntheticAudio({ ssrc, payloadType: 111 })
            : new SyntheticVideo({ ssrc, payloadType: 96, keyframePackets: 1 })
        streams.set(ssrc, stream)
      }
      stream.frame(20, (packet) => ingest.receiveRtp(packet, 0, packet.length, output.nowMs))
    },
    report(ssrc: number): void {
      const packet = Buffer.alloc(SENDER_REPORT_LENGTH)
      const counts = { packetCount: 1, octetCount: 1 }
      writeSenderReport(packet, 0, { ssrc, ntpSeconds: 3_900_000_000, ntpFraction: 1, rtpTimestamp: 5, ...counts })
      ingest.receiveRtcp(packet, 0, packet.length, output.nowMs)
    },
  }
}

test('streams that begin are asked about together, three times, until they are reported on', () => {
  const { ingest, output, send, report, runTo } = setUp()
  send(7)
  runTo(10)
  send(100)
  runTo(300)
  report(100)
  runTo(5000)
  expect(output.requests).toEqual([
    { atMs: 20, ssrcs: [7, 100] },
    { atMs: 270, ssrcs: [7, 100] },
    { atMs: 520, ssrcs: [7] },
  ])
  expect(ingest.stats(5000).senderReportRequestsSent).toBe(3)
})

test('nobody is asked about what has been reported on, but again about another SSRC', () => {
  const { output, send, report, runTo } = setUp()
  send(7)
  send(100)
  runTo(10)
  report(7)
  report(100)
  runTo(2000)
  expect(output.requests).toEqual([])
  send(101)
  runTo(4000)
  expect(output.requests.map(({ ssrcs }) => ssrcs)).toEqual([[101], [101], [101]])
  expect(output.requests[0]?.atMs).toBe(2020)
})

test('a publisher that changes its SSRC all the time is asked four times a second', () => {
  const { output, send, runTo } = setUp()
  for (let i = 0; i < 500; i++) {
    send(100 + i)
    runTo(10 * i)
  }
  expect(output.requests.length).toBeGreaterThan(10)
  expect(output.requests.length).toBeLessThanOrEqual(20)
})
