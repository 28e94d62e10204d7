/**
 * A publisher's ingest and the egress of three viewers, negotiated from offers of real browsers: a row of RTP and RTCP packets from all sides, and of
 * time that passes. Whatever comes in, what goes out is whole packets, in the room that was reserved for them.
 */
import { readFileSync } from 'node:fs'
import { ViewerEgress } from '../../../dist/media/egress/viewer-egress.js'
import { PublisherIngest } from '../../../dist/media/ingest/publisher-ingest.js'
import { defaultMediaConfig } from '../../../dist/media/media-config.js'
import { writeNack, writePli, writeRemb } from '../../../dist/rtp/rtcp/feedback.js'
import { createSenderReport, writeSenderReport } from '../../../dist/rtp/rtcp/sender-report.js'
import { DEFAULT_CAPABILITIES } from '../../../dist/sdp/capabilities.js'
import { negotiatePublisher } from '../../../dist/sdp/negotiate-publisher.js'
import { negotiateViewer } from '../../../dist/sdp/negotiate-viewer.js'
import { SyntheticAudio, SyntheticVideo } from '../../../dist/testing/synthetic-video.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const DO = { rtp: 0, publisherRtcp: 1, viewerRtcp: 2, advance: 3, limit: 4 }
const VIEWER_OFFERS = ['chromium-view', 'gstreamer-view']
const LOCAL = {
  iceUfrag: 'serverUfrag',
  icePwd: 'serverPasswordOf24Letter',
  fingerprint: { algorithm: 'sha-256', value: 'AB' },
  candidates: [],
  cname: 'server',
  sdpSessionId: '1',
}

const offer = (name) => readFileSync(new URL(`../../fixtures/offers/${name}.sdp`, import.meta.url), 'utf8')
const publisher = negotiatePublisher(offer('chromium-publish-simulcast'), LOCAL, DEFAULT_CAPABILITIES).sections
const viewers = VIEWER_OFFERS.map((name) => {
  let ssrc = 0x5000
  return negotiateViewer(offer(name), LOCAL, { msid: 's', ssrc: () => ssrc++ }, DEFAULT_CAPABILITIES).sections
})
// One that is repaired on the stream itself: what is sent again must be the very same packets.
viewers.push(viewers[0].map(({ rtxSsrc, ...section }) => section))
const config = { ...defaultMediaConfig(1_000_000_000_000), historyPackets: 64, historyBytes: 65_536 }

const payloadTypeOf = (section, codec) => section.codecs.find((one) => one.codec.name === codec)?.payloadType
const idOf = (section, uri) => section.extensions.find((one) => one.uri.endsWith(uri))?.id

function seeds() {
  const [audio, video] = ['audio', 'video'].map((kind) => publisher.find((section) => section.kind === kind))
  const element = (section, uri, text) => ({ id: idOf(section, uri), data: Buffer.from(text) })
  const mid = element(video, ':mid', video.mid)
  const layers = video.rids.map((rid, i) => {
    const elements = [mid, element(video, ':rtp-stream-id', rid.rid ?? rid)]
    return new SyntheticVideo({
      ssrc: 0x1000 + i,
      payloadType: payloadTypeOf(video, 'VP8'),
      elements,
      pictureId: 5,
      keyframePackets: 2,
      framePackets: 1,
      packetBytes: 60,
    })
  })
  const sound = new SyntheticAudio({
    ssrc: 0x2000,
    payloadType: payloadTypeOf(audio, 'opus'),
    elements: [element(audio, ':mid', audio.mid)],
  })
  const call = []
  const take = (packet) => call.push([DO.rtp, packet])
  for (let frame = 0; frame < 4; frame++) {
    for (const layer of layers) layer.frame(33, take)
    sound.frame(20, take)
    call.push([DO.advance, Buffer.from([0, 33])])
  }
  // Two temporal layers, and picture ids of seven bits.
  const thin = (packet) => {
    const descriptor = 16 + 4 * packet.readUInt16BE(14)
    const isUpper = packet[descriptor + 3] % 2 === 1
    packet[descriptor + 2] = packet[descriptor + 3] & 0x7f
    packet[descriptor + 3] = packet[descriptor + 4]
    packet[descriptor + 4] = isUpper ? 0x60 : 0
    layered.push([DO.rtp, packet])
  }
  const base = new SyntheticVideo({
    ssrc: 0x1200,
    payloadType: payloadTypeOf(video, 'VP8'),
    elements: [mid],
    keyframePackets: 1,
    framePackets: 1,
    packetBytes: 30,
  })
  const layered = []
  for (let frame = 0; frame < 60; frame++) {
    base.frame(33, thin)
    if (frame === 4) layered.push([DO.limit, Buffer.from([0, 0])])
    if (frame % 10 === 9) layered.push([DO.advance, Buffer.from([1, 0])])
  }
  const rtcp = (write) => {
    const buffer = Buffer.alloc(200)
    return Buffer.from(buffer.subarray(0, write(buffer)))
  }
  const reports = [
    [
      DO.publisherRtcp,
      rtcp((b) => writeSenderReport(b, 0, { ...createSenderReport(), ssrc: 0x1000, ntpSeconds: 3_000_000_000 })),
    ],
    [DO.viewerRtcp, rtcp((b) => writeNack(b, 0, 1, 0x5001, [1000, 1001, 1003, 1005, 1006]))],
    [DO.viewerRtcp, rtcp((b) => writePli(b, 0, 1, 0x5001))],
    [DO.viewerRtcp, rtcp((b) => writeRemb(b, 0, 1, 300_000, [0x5001]))],
    [DO.viewerRtcp, Buffer.from('8fcd00050000001100000022000000070000000020070404040404040404'.slice(0, 48), 'hex')],
    [DO.advance, Buffer.from([4, 0])],
    [DO.limit, Buffer.from([0, 1])],
  ]
  const vp9 = new SyntheticVideo({
    ssrc: 0x1100,
    payloadType: payloadTypeOf(video, 'VP9'),
    elements: [mid],
    packetBytes: 40,
  })
  const other = []
  for (let i = 0; i < 3; i++) vp9.frame(33, (packet) => other.push([DO.rtp, packet]))
  layered.push(...reports.slice(1, 2))
  return [
    writeSteps(layered),
    writeSteps(call),
    writeSteps([...call.slice(0, 12), ...reports, ...call.slice(12)]),
    writeSteps([...other, ...reports]),
  ]
}

/** The transport's side: what it relies on. */
class Output {
  buffer = Buffer.alloc(8192)
  bytes = 0
  packets = 0
  #reserved = -1
  #packets = new Map()

  reserve(length) {
    must(this.#reserved === -1, 'reservations do not nest')
    must(length > 0 && length <= 4096, `a packet of ${length} bytes is wanted`)
    this.#reserved = length
    this.buffer.fill(0xa5, 64 + length, 64 + length + 64)
    return 64
  }

  sendRtp(offset, headerLength, length, extSeq) {
    this.#sent(length)
    const index = `${this.buffer.readUInt32BE(offset + 8)} ${extSeq}`
    const packet = this.buffer.toString('latin1', offset, offset + length)
    const earlier = this.#packets.get(index)
    // Another packet under the same index would be encrypted with the same keystream.
    must(earlier === undefined || earlier === packet, `another packet has been sent as ${index} before`)
    this.#packets.set(index, packet)
    must(headerLength >= 12 && headerLength < length, 'there are a header and a payload')
    must(this.buffer.readUInt16BE(offset + 2) === (extSeq & 0xffff), 'the index fits the sequence number')
  }

  sendRtcp(_offset, length) {
    this.#sent(length)
    must(length % 4 === 0, 'RTCP is whole words')
  }

  #sent(length) {
    must(length <= this.#reserved, 'no more is written than was reserved')
    for (let i = 0; i < 64; i++) must(this.buffer[64 + this.#reserved + i] === 0xa5, 'nothing is written behind it')
    this.#reserved = -1
    this.bytes += length
    this.packets++
  }
}

/** What the viewers want: temporal and spatial layers, or a bitrate. */
function limit(egresses, data, nowMs) {
  const [what = 0, value = 0] = data
  const layers = [
    { maxTemporalId: value & 3 },
    { maxSpatialId: value & 3 },
    { maxBitrateBps: 50_000 * (1 + value) },
    null,
  ]
  for (const egress of egresses) egress.configure({ layer: layers[what & 3] }, nowMs)
}

function run(input) {
  let nowMs = 1000
  const toPublisher = new Output()
  const ingest = new PublisherIngest({
    id: 'p',
    sections: publisher,
    localSsrc: 0x5f5f,
    cname: 'server',
    output: toPublisher,
    config,
    maxBitrateBps: 2e6,
  })
  const outputs = viewers.map(() => new Output())
  const egresses = viewers.map((sections, i) => {
    const egress = new ViewerEgress({
      id: `v${i}`,
      sections,
      cname: 'server',
      output: outputs[i],
      config,
      initialSeq: () => 1000,
      initialTimestamp: () => 5,
    })
    egress.onFault = (error) => {
      throw error
    }
    egress.setSource('main', ingest, nowMs)
    egress.start(nowMs)
    return egress
  })
  const peers = [ingest, ...egresses]
  const due = peers.map(() => nowMs)
  peers.forEach((peer, i) => {
    peer.onDue = (dueMs) => {
      due[i] = Math.min(due[i], dueMs)
    }
  })
  const tick = () => {
    for (const [i, peer] of peers.entries()) {
      if (due[i] > nowMs) continue
      // Before the call: what it makes due must not be forgotten.
      due[i] = Number.POSITIVE_INFINITY
      due[i] = Math.min(due[i], peer.tick(nowMs))
      must(!Number.isNaN(due[i]), 'the next tick is at some time')
    }
  }
  let bytesIn = 0
  for (const [what, data] of readSteps(input)) {
    bytesIn += data.length
    const packet = Buffer.from(data)
    if (what === DO.limit) limit(egresses, data, nowMs)
    else if ((what & 3) === DO.rtp) ingest.receiveRtp(packet, 0, packet.length, nowMs)
    else if ((what & 3) === DO.publisherRtcp) ingest.receiveRtcp(packet, 0, packet.length, nowMs)
    else if ((what & 3) === DO.viewerRtcp)
      for (const egress of egresses) egress.receiveRtcp(packet, 0, packet.length, nowMs)
    else nowMs += data.length > 1 ? data.readUInt16BE(0) : 1
    tick()
  }
  for (const output of outputs)
    must(output.bytes < 200_000 + 20 * bytesIn, `${bytesIn} bytes in became ${output.bytes} bytes out`)
  must(toPublisher.packets < 2000, 'the publisher is not flooded')
  for (const egress of egresses) JSON.stringify(egress.stats(nowMs))
  JSON.stringify(ingest.stats(nowMs))
  for (const egress of egresses) egress.close(nowMs)
  ingest.close(nowMs)
}

export const target = { seeds, mutate: mutateSteps, maxLength: 16_000, run }
