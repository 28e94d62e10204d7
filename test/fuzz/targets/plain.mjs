/**
 * The ports of plain RTP: a source that follows the first sender, one that wants a payload type of VP9, one with a key, and what comes back to a
 * sink. A row of datagrams from four addresses; answers go to who is followed only, and nothing passes that is not protected where there is a key.
 */
import { defaultMediaConfig } from '../../../dist/media/media-config.js'
import { RtpReceiver } from '../../../dist/sources/rtp/rtp-receiver.js'
import { resolveRtpSink } from '../../../dist/sources/rtp/rtp-sink-options.js'
import { resolveRtpSource } from '../../../dist/sources/rtp/rtp-source-options.js'
import { SinkFeedback } from '../../../dist/sources/rtp/sink-sockets.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const ADDRESSES = [
  ['127.0.0.1', 5000],
  ['127.0.0.1', 5001],
  ['127.0.0.2', 5000],
  ['127.0.0.2', 9],
]
/** What a step does, in its upper bits: to the port of RTCP, or let time pass. */
const VIA_RTCP = 0x04
const ADVANCE = 0xf8
const SRTP = { profile: 'AES_CM_128_HMAC_SHA1_80', key: Buffer.alloc(30, 7).toString('base64') }
const OPTIONS = [
  { codec: 'VP8', nack: true },
  { codec: 'VP9', payloadType: 98, rtcpMux: true },
  { codec: 'opus', srtp: SRTP },
]
const media = defaultMediaConfig(0)

const seeds = () => {
  const hex = (text) => Buffer.from(text, 'hex')
  const report = hex('80c80006000012abeb00000180000000000056780000000100000010')
  return [
    writeSteps([
      [0, hex('80e0000100005678000012ab101002009d012a400168010102')],
      [VIA_RTCP | 1, report],
      [0, hex('8060000300006678000012ab1000112233')],
      [ADVANCE, hex('0100')],
      [2, hex('80e0000900005678000012cd1000112233')],
      [VIA_RTCP | 1, hex('80c80006000012abeb0000018000000000005678000000010000001081cb0001000012ab')],
      [2, hex('80e0000a00005678000012cd1000112233')],
    ]),
    writeSteps([
      [VIA_RTCP, report],
      [1, hex('80e2000100005678000012ab0c82498342004f002c00')],
      [1, hex('80e2000200006678000012ab0c860102030405')],
      [ADVANCE, hex('0bb8')],
      [3, hex('80e2000200006678000012ab0c860102030405')],
    ]),
  ]
}

class Replies {
  buffer = Buffer.alloc(4096)
  sent = []
  reserve(length) {
    return length > 2000 ? -1 : 100
  }
  commit(_offset, length, { ip }) {
    this.sent.push([ip, length])
  }
  flush() {}
}

function receiverOf(options) {
  const config = resolveRtpSource(options)
  const sender = new Replies()
  const receiver = new RtpReceiver({
    config,
    track: config.tracks[0],
    media,
    sourceId: 'source',
    mid: '0',
    localSsrc: 99,
    cname: 'cname',
    sender,
    family: 4,
    onDue() {},
    onSender() {},
    onSilence() {},
  })
  const layer = receiver.ingest.tracks[0].layers[0]
  layer.addSink({ onPacket: () => layer.requestKeyframe(0) })
  return { receiver, sender, config }
}

function run(input) {
  const all = OPTIONS.map(receiverOf)
  const feedback = new SinkFeedback(resolveRtpSink({ host: '127.0.0.1', port: 5000 }), () => {})
  let nowMs = 1000
  let steps = 0
  for (const [what, data] of readSteps(input)) {
    if (what >= ADVANCE) {
      nowMs += data.length > 1 ? data.readUInt16BE(0) : 5
      for (const { receiver } of all) receiver.tick(nowMs)
      continue
    }
    steps++
    const [ip, port] = ADDRESSES[what & 3]
    feedback.receive(Buffer.from(data), ip)
    for (const { receiver, sender } of all) {
      const before = sender.sent.length
      receiver.receive(Buffer.from(data), ip, port, (what & VIA_RTCP) !== 0, nowMs)
      receiver.tick(nowMs)
      const holder = receiver.pin.holder?.ip
      for (const [to] of sender.sent.slice(before)) {
        must(holder === undefined || to === holder, 'answers go to who is followed')
      }
    }
  }
  for (const { receiver, config } of all) {
    const { counters, ingest } = receiver
    const { packetsReceived } = ingest.stats(nowMs)
    must(counters.received === steps, 'every datagram is counted')
    const { foreign, malformed, otherPayloadType, unauthentic, replayed } = counters
    const refused = foreign + malformed + otherPayloadType + unauthentic + replayed
    must(refused + packetsReceived <= steps, 'a datagram is refused once, or taken once')
    must(config.srtp === undefined || packetsReceived === 0, 'nothing passes that is not protected')
  }
}

export const target = { seeds, mutate: mutateSteps, maxLength: 4000, run }
