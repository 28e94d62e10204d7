import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ViewerEgress } from '../../../../src/media/egress/viewer-egress.js'
import { ForwardedLayer } from '../../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { MediaSource, RtpOutput } from '../../../../src/media/types.js'
import { writeFir, writePli } from '../../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../../src/rtp/rtcp/report-block.js'
import type { Codec, PayloadCodec } from '../../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

const vp8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const config = defaultMediaConfig(0)

class Output implements RtpOutput {
  readonly buffer = Buffer.alloc(4096)
  readonly packets: Buffer[] = []
  refuse = 0
  rtcp = 0
  reserve(): number {
    if (this.refuse === 0) return 100
    this.refuse--
    return -1
  }
  sendRtp(offset: number, _headerLength: number, length: number): void {
    this.packets.push(Buffer.from(this.buffer.subarray(offset, offset + length)))
  }
  sendRtcp(): void {
    this.rtcp++
  }
}

function stage(extra: { initialSeq?: number } = {}): {
  egress: ViewerEgress
  output: Output
  layer: ForwardedLayer
  requests: number[]
  video: SyntheticVideo
  frame(nowMs: number): void
} {
  const output = new Output()
  const requests: number[] = []
  const layer = new ForwardedLayer({
    rid: undefined,
    kind: 'video',
    extensions: [],
    config,
    wishes: { sendKeyframeRequest: (nowMs) => requests.push(nowMs) },
  })
  const source: MediaSource = { id: 's', tracks: [{ id: '0', kind: 'video', extensions: [], layers: [layer] }] }
  const codecs: PayloadCodec[] = [{ payloadType: 120, codec: vp8, feedback: [] }]
  const egress = new ViewerEgress({
    id: 'v',
    sections: [{ mid: 'v', kind: 'video', codecs, extensions: [], ssrc: 7 }],
    cname: 'c',
    output,
    config,
    initialSeq: () => extra.initialSeq ?? 5,
    initialTimestamp: () => 0,
  })
  egress.setSource('main', source, 0)
  egress.start(0)
  const video = new SyntheticVideo({ ssrc: 1, payloadType: 96, keyframePackets: 2, framePackets: 2, packetBytes: 20 })
  let extSeq = 100
  const frame = (nowMs: number): void => {
    video.frame(33, (packet) => layer.accept(packet, 0, packet.length, extSeq++, vp8, nowMs))
  }
  return { egress, output, layer, requests, video, frame }
}

test('a keyframe whose first packet finds no room is not begun, and another is asked for', () => {
  const { egress, output, requests, frame, video } = stage()
  output.refuse = 1
  frame(2000)
  expect(output.packets.length).toBe(0)
  expect(requests).toEqual([0, 2000])
  video.keyframeWanted = true
  frame(3000)
  expect(output.packets.length).toBe(2)
  expect(output.packets[0]?.readUInt16BE(2)).toBe(5)
  expect(egress.stats(3000).dropped).toMatchObject({ outputFull: 1, waitingForKeyframe: 1 })
})

test('a request for a stream that is not ours does nothing but count', () => {
  const { egress, requests, frame } = stage()
  frame(0)
  const pli = Buffer.alloc(12)
  writePli(pli, 0, 1, 8)
  egress.receiveRtcp(pli, 0, 12, 5000)
  const fir = Buffer.alloc(20)
  writeFir(fir, 0, 1, 9, 1)
  egress.receiveRtcp(fir, 0, 20, 5000)
  expect(requests).toEqual([0])
  expect(egress.stats(0).dropped.unknownSsrc).toBe(2)
})

test('a report about what was never sent is not believed', () => {
  const { egress } = stage()
  const packet = Buffer.alloc(32)
  writeReceiverReport(packet, 0, 1, [{ ...createReportBlock(), ssrc: 7, packetsLost: 1000, fractionLost: 255 }])
  egress.receiveRtcp(packet, 0, 32, 10)
  expect(egress.stats(10)).toMatchObject({ packetsLost: 0, fractionLost: 0, receiverReportsReceived: 1 })
})

test('a closed egress takes nothing, sends nothing and holds nothing', () => {
  const { egress, output, layer, frame } = stage()
  frame(0)
  egress.close(10)
  egress.close(10)
  expect(output.rtcp).toBe(1)
  expect(layer.sinkCount).toBe(0)
  const sent = output.packets.length
  frame(20)
  egress.start(20)
  egress.setSource('main', { id: 'x', tracks: [] }, 20)
  expect(output.packets.length).toBe(sent)
  expect(egress.tick(9999)).toBe(Number.POSITIVE_INFINITY)
})

test('a defect in the output stops the one viewer and is told', () => {
  const { egress, output, layer, frame } = stage()
  const faults: unknown[] = []
  egress.onFault = (error) => faults.push(error)
  output.sendRtp = () => {
    throw new Error('defect')
  }
  frame(0)
  expect(faults.length).toBe(1)
  expect(layer.sinkCount).toBe(0)
})

test('the answer to tick is when something is due', () => {
  const { egress, output, frame } = stage()
  const dues: number[] = []
  expect(egress.tick(0)).toBe(Number.POSITIVE_INFINITY)
  egress.onDue = (dueMs) => dues.push(dueMs)
  frame(0)
  expect(dues).toEqual([20])
  const nextMs = egress.tick(20)
  expect(output.rtcp).toBe(1)
  expect(nextMs).toBeGreaterThanOrEqual(770)
  expect(nextMs).toBeLessThan(1270)
  expect(egress.tick(nextMs - 1)).toBe(nextMs)
  expect(output.rtcp).toBe(1)
  egress.tick(nextMs)
  expect(output.rtcp).toBe(2)
})

test('the n-th stream of a kind takes the n-th track of it, and streams beyond take nothing', () => {
  const wishes = { sendKeyframeRequest: (): void => {} }
  const track = (id: string, kind: 'audio' | 'video') => {
    const layers = ['low', 'high'].map((rid) => new ForwardedLayer({ rid, kind, extensions: [], config, wishes }))
    return { id, kind, extensions: [], layers }
  }
  const tracks = [track('0', 'video'), track('1', 'audio'), track('2', 'video')]
  const section = (kind: 'audio' | 'video', ssrc: number) => ({
    mid: `${ssrc}`,
    kind,
    codecs: [],
    extensions: [],
    ssrc,
  })
  const egress = new ViewerEgress({
    id: 'v',
    sections: [section('audio', 1), section('video', 2), section('audio', 3), section('video', 4)],
    cname: 'c',
    output: new Output(),
    config,
    initialSeq: () => 0,
    initialTimestamp: () => 0,
  })
  egress.setSource('main', { id: 's', tracks }, 0)
  egress.start(0)
  const sinks = (): number[][] => tracks.map(({ layers }) => layers.map(({ sinkCount }) => sinkCount))
  // The least layer is taken until more is known.
  expect(sinks()).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ])
  egress.setSource('main', undefined, 10)
  expect(sinks().flat()).toEqual([0, 0, 0, 0, 0, 0])
})

test('a straggler of another codec in the middle of a stream does not interrupt it', () => {
  const { egress, output, layer, requests, video } = stage()
  const h264: Codec = { ...vp8, name: 'H264' }
  const accept = (extSeq: number, codec: Codec, payload: number[]): void => {
    const packet = video.packet(Buffer.from(payload), true)
    layer.accept(packet, 0, packet.length, extSeq, codec, 10)
  }
  accept(10, vp8, [0x10, 0x10, 2, 0])
  accept(12, vp8, [0x10, 0x11, 2, 0])
  accept(11, h264, [0x65, 1, 2])
  accept(13, vp8, [0x10, 0x11, 2, 0])
  expect(output.packets.map((packet) => packet.readUInt16BE(2))).toEqual([5, 7, 8])
  expect(requests).toEqual([0])
  expect(egress.stats(10).dropped.late).toBe(1)
})

test('a packet that comes late has the MID if it would have had it in time', () => {
  const output = new Output()
  const wishes = { sendKeyframeRequest: (): void => {} }
  const layer = new ForwardedLayer({ rid: undefined, kind: 'video', extensions: [], config, wishes })
  const egress = new ViewerEgress({
    id: 'v',
    sections: [
      {
        mid: 'v',
        kind: 'video',
        codecs: [{ payloadType: 120, codec: vp8, feedback: [] }],
        extensions: [{ id: 3, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }],
        ssrc: 7,
      },
    ],
    cname: 'c',
    output,
    config,
    initialSeq: () => 0,
    initialTimestamp: () => 0,
  })
  egress.setSource('main', { id: 's', tracks: [{ id: '0', kind: 'video', extensions: [], layers: [layer] }] }, 0)
  egress.start(0)
  const video = new SyntheticVideo({ ssrc: 1, payloadType: 96 })
  const accept = (extSeq: number): void => {
    const packet = video.packet(Buffer.from([0x10, 0x10, 2, 0]), true)
    layer.accept(packet, 0, packet.length, extSeq, vp8, 10)
  }
  accept(10)
  accept(12)
  const report = Buffer.alloc(32)
  writeReceiverReport(report, 0, 1, [{ ...createReportBlock(), ssrc: 7 }])
  egress.receiveRtcp(report, 0, 32, 20)
  accept(13)
  accept(11)
  const withExtension = output.packets.map((packet) => [packet.readUInt16BE(2), ((packet[0] as number) & 0x10) !== 0])
  expect(withExtension).toEqual([
    [0, true],
    [2, true],
    [3, false],
    [1, true],
  ])
})

test('whatever RTCP comes, nothing throws', () => {
  const { egress, frame } = stage()
  frame(0)
  const valid = Buffer.alloc(32)
  writeReceiverReport(valid, 0, 1, [{ ...createReportBlock(), ssrc: 7 }])
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc
          .tuple(fc.integer({ min: 192, max: 210 }), fc.nat(31), fc.uint8Array({ maxLength: 80 }))
          .map(([type, count, body]) => {
            const whole = body.subarray(0, body.length & ~3)
            return Buffer.concat([Buffer.from([0x80 | count, type, 0, whole.length / 4]), whole])
          }),
        fc.nat(32).map((length) => valid.subarray(0, length)),
      ),
      (bytes) => {
        const packet = Buffer.from(bytes)
        egress.receiveRtcp(packet, 0, packet.length, 10)
      },
    ),
    { numRuns: 2000 },
  )
  expect(egress.stats(0).dropped.malformedRtcp).toBeGreaterThan(0)
})

test('a viewer that is closed while it waits for the keyframe of another layer leaves no layer behind', () => {
  const wishes = { sendKeyframeRequest: (): void => {} }
  const [low, high] = ['low', 'high'].map(
    (rid) => new ForwardedLayer({ rid, kind: 'video', extensions: [], config, wishes }),
  ) as [ForwardedLayer, ForwardedLayer]
  const egress = new ViewerEgress({
    id: 'v',
    sections: [
      { mid: 'v', kind: 'video', codecs: [{ payloadType: 120, codec: vp8, feedback: [] }], extensions: [], ssrc: 7 },
    ],
    cname: 'c',
    output: new Output(),
    config,
    initialSeq: () => 0,
    initialTimestamp: () => 0,
  })
  const source: MediaSource = { id: 's', tracks: [{ id: '0', kind: 'video', extensions: [], layers: [low, high] }] }
  egress.setSource('main', source, 0)
  egress.start(0)
  const streams = [1, 2].map((ssrc) => new SyntheticVideo({ ssrc, payloadType: 96 }))
  const send = (layer: ForwardedLayer, stream: number, bytes: number, keyframe: boolean, nowMs: number): void => {
    const payload = Buffer.alloc(bytes)
    payload[0] = 0x10
    payload[1] = keyframe ? 0x10 : 0x11
    const video = streams[stream] as SyntheticVideo
    const packet = video.packet(payload, true)
    video.advance(20)
    layer.accept(packet, 0, packet.length, 1000 + nowMs / 20, vp8, nowMs)
  }
  let nowMs = 0
  for (; nowMs < 20_000 && high.sinkCount === 0; nowMs += 20) {
    send(low, 0, 200, nowMs === 0, nowMs)
    send(high, 1, 1000, false, nowMs)
    egress.tick(nowMs)
  }
  expect([low.sinkCount, high.sinkCount]).toEqual([1, 1])
  egress.close(nowMs)
  send(high, 1, 1000, true, nowMs)
  expect([low.sinkCount, high.sinkCount]).toEqual([0, 0])
})
