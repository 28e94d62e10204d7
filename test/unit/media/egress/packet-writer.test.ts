import { expect, test } from 'vitest'
import { ViewerEgress } from '../../../../src/media/egress/viewer-egress.js'
import { ForwardedLayer } from '../../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { RtpOutput } from '../../../../src/media/types.js'
import { EXTENSION_URI } from '../../../../src/rtp/extension-uri.js'
import { ExtensionElement } from '../../../../src/rtp/header-extension.js'
import { writeReceiverReport } from '../../../../src/rtp/rtcp/receiver-report.js'
import { createReportBlock } from '../../../../src/rtp/rtcp/report-block.js'
import { RtpHeader } from '../../../../src/rtp/rtp-header.js'
import type { Codec } from '../../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

const vp8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const SSRC = 77
const MID_ID = 3
const VIEWER_ORIENTATION_ID = 9

/** What a viewer is sent that has said that it knows the stream: `[id, data]` of each element, packet by packet. */
function elementsSent(options: {
  transportWideId: number
  publisherOrientationId: number
  sends: readonly { id: number; data: string }[]
}): { elements: [number, string][]; profile: number; seqs: number[] } {
  const packets: Buffer[] = []
  const output: RtpOutput = {
    buffer: Buffer.alloc(2048, 0xff),
    reserve: () => 64,
    sendRtp: (offset, _headerLength, length) =>
      packets.push(Buffer.from(output.buffer.subarray(offset, offset + length))),
    sendRtcp() {},
  }
  const config = defaultMediaConfig(0)
  const extensions = [{ id: options.publisherOrientationId, uri: EXTENSION_URI.videoOrientation }]
  const wishes = { sendKeyframeRequest() {} }
  const layer = new ForwardedLayer({ rid: undefined, kind: 'video', extensions, config, wishes })
  const codecs = [{ payloadType: 96, codec: vp8, feedback: ['transport-cc'] }]
  const viewerExtensions = [
    { id: MID_ID, uri: EXTENSION_URI.mid },
    { id: options.transportWideId, uri: EXTENSION_URI.transportWide },
    { id: VIEWER_ORIENTATION_ID, uri: EXTENSION_URI.videoOrientation },
  ]
  const egress = new ViewerEgress({
    id: 'v',
    sections: [{ mid: 'm', kind: 'video', codecs, extensions: viewerExtensions, ssrc: SSRC }],
    cname: 'c',
    output,
    config,
    initialSeq: () => 5,
    initialTimestamp: () => 0,
  })
  egress.setSource('main', { id: 's', tracks: [{ id: '0', kind: 'video', extensions, layers: [layer] }] }, 0)
  egress.start(0)
  const elements = options.sends.map(({ id, data }) => ({ id, data: Buffer.from(data) }))
  const video = new SyntheticVideo({ ssrc: 1, payloadType: 96, keyframePackets: 2, framePackets: 2, elements })
  let extSeq = 100
  const frame = (nowMs: number) =>
    video.frame(33, (packet) => layer.accept(packet, 0, packet.length, extSeq++, vp8, nowMs))
  frame(1)
  const report = Buffer.alloc(32)
  writeReceiverReport(report, 0, 1, [{ ...createReportBlock(), ssrc: SSRC, highestSeq: 6 }])
  egress.receiveRtcp(report, 0, 32, 2)
  frame(34)
  const header = new RtpHeader()
  const found: [number, string][] = []
  const seqs: number[] = []
  for (const packet of packets.slice(2)) {
    expect(header.parse(packet, 0, packet.length)).toBe(true)
    const element = new ExtensionElement()
    element.reset(header)
    while (element.next(packet)) {
      const data = packet.subarray(element.offset, element.offset + element.length)
      if (element.id === options.transportWideId) seqs.push(data.readUInt16BE(0))
      else found.push([element.id, data.toString()])
    }
  }
  return { elements: found, profile: header.extensionProfile, seqs }
}

test.each([
  ['nothing else', 1, []],
  ['elements of no use to a viewer', 1, [{ id: 2, data: 'x' }]],
  ['elements whose ids have no bit of their own', 40, [{ id: 50, data: 'x' }]],
])('a packet has its transport-wide number alone where there is %s', (_, publisherOrientationId, sends) => {
  for (const transportWideId of [5, 14, 15, 200]) {
    const { elements, profile, seqs } = elementsSent({ transportWideId, publisherOrientationId, sends })
    expect(elements).toEqual([])
    expect(profile).toBe(transportWideId > 14 ? 0x1000 : 0xbede)
    expect(seqs).toEqual([2, 3])
  }
})

test.each([1, 14, 30, 31, 200])('beside an element that is handed on, under id %i', (id) => {
  const sends = [
    { id: 2, data: 'x' },
    { id, data: 'o' },
  ]
  const { elements, seqs } = elementsSent({ transportWideId: 5, publisherOrientationId: id, sends })
  expect(elements).toEqual([
    [VIEWER_ORIENTATION_ID, 'o'],
    [VIEWER_ORIENTATION_ID, 'o'],
  ])
  expect(seqs).toEqual([2, 3])
})
