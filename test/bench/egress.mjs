/**
 * `npm run bench:egress -- [viewers] [packets per batch]`: what the media core costs per packet and viewer, without a network. Real viewers (`ViewerEgress`) with
 * transport-wide feedback, fed from one layer; what they write goes nowhere. Handling their feedback is timed by itself. Prints nanoseconds per packet
 * and viewer, and how much heap was allocated meanwhile.
 */
import { parseArgs } from 'node:util'
import { ViewerEgress } from '../../dist/media/egress/viewer-egress.js'
import { ForwardedLayer } from '../../dist/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../dist/media/media-config.js'
import { TransportFeedbackWriter } from '../../dist/rtp/rtcp/transport-feedback-writer.js'
import { SyntheticVideo } from '../../dist/testing/synthetic-video.js'

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '2' },
    cold: { type: 'boolean' },
  },
  allowPositionals: true,
})
const viewers = Number(positionals[0] ?? 100)
const batchPackets = Number(positionals[1] ?? 1)
const rounds = Number(values.rounds)
const packetsPerRound = Number(values.seconds) * 250
const FEEDBACK_MS = 100
const PACKET_MS = 4
const TRANSPORT_WIDE = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'
const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'

/** Where packets go: a ring, as a transport's is. */
class Output {
  buffer = Buffer.allocUnsafeSlow(256 * 1024)
  packets = 0
  backlogged = false
  sentMs = new Float64Array(1024)
  #head = 0
  reserve(length) {
    if (this.#head + length > this.buffer.length) this.#head = 0
    return this.#head
  }
  sendRtp(offset, _headerLength, length) {
    this.#head = offset + length
    this.sentMs[this.packets++ & 1023] = nowMs
  }
  sendRtcp() {}
}

const buffer = Buffer.allocUnsafeSlow(256 * 1024)
const codec = () => ({ name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} })
const config = defaultMediaConfig(0)
const pending = new Set()
const layer = new ForwardedLayer({
  rid: undefined,
  kind: 'video',
  extensions: [{ id: 4, uri: MID }],
  config,
  wishes: { sendKeyframeRequest: () => (video.keyframeWanted = true) },
  ...(batchPackets > 1 ? { fanOut: { add: (waiting) => pending.add(waiting) } } : {}),
})
const source = { id: 's', tracks: [{ id: '0', kind: 'video', extensions: [{ id: 4, uri: MID }], layers: [layer] }] }
let nowMs = 1
const video = new SyntheticVideo({
  ssrc: 1,
  payloadType: 96,
  keyframePackets: 8,
  framePackets: 8,
  packetBytes: 1100,
  elements: [{ id: 4, data: Buffer.from('0') }],
})
let packets = []

const outputs = []
const all = []
for (let i = 0; i < viewers; i++) {
  const output = new Output()
  output.buffer = buffer
  const egress = new ViewerEgress({
    id: `v${i}`,
    sections: [
      {
        mid: '0',
        kind: 'video',
        codecs: [
          { payloadType: 120, rtxPayloadType: 121, codec: codec(), feedback: ['nack', 'nack pli', 'transport-cc'] },
        ],
        extensions: [
          { id: 3, uri: MID },
          { id: 5, uri: TRANSPORT_WIDE },
        ],
        ssrc: 1000 + i,
        rtxSsrc: 500_000 + i,
      },
    ],
    cname: 'c',
    output,
    config,
    initialSeq: () => 77 + i,
    initialTimestamp: () => 12_345 * i,
  })
  egress.setSource('main', source, 0)
  egress.start(0)
  outputs.push(output)
  all.push({ egress, writer: new TransportFeedbackWriter(1), reported: 0, dueMs: 0 })
}

// What the viewers know of the stream: a receiver report tells that the SSRC is known.
const report = Buffer.alloc(32)
report.writeUInt32BE(0x81c90007, 0)
const feedback = Buffer.alloc(1500)
const ticks = new Int32Array(4096)

const codecIn = codec()
let extSeq = 100_000
let forwardUs = 0
let feedbackUs = 0
let at = 0

// The user's part alone: what the machine does besides is not ours.
function cpuUs() {
  return process.cpuUsage().user
}

// As much as the kernel and the encryption of a hundred packets touch in between.
const others = new Float64Array(512 * 1024)
function sweep() {
  for (let i = 0; i < others.length; i += 8) others[i]++
}

function forward(count) {
  const startedUs = cpuUs()
  for (let i = 0; i < count; i++) {
    const packet = packets[at++]
    layer.accept(packet, 0, packet.length, extSeq++, codecIn, nowMs)
    nowMs += batchPackets > 1 ? 0.02 : PACKET_MS
  }
  for (const waiting of pending) waiting.flush(nowMs)
  pending.clear()
  forwardUs += cpuUs() - startedUs
  if (batchPackets > 1) nowMs += PACKET_MS * batchPackets
}

function giveFeedback() {
  const startedUs = cpuUs()
  for (let i = 0; i < viewers; i++) {
    const viewer = all[i]
    const sent = outputs[i].packets
    const count = Math.min(400, sent - viewer.reported)
    if (count === 0) continue
    const base = viewer.reported
    for (let n = 0; n < count; n++) ticks[n] = Math.round(outputs[i].sentMs[(base + n) & 1023] * 4) + 400_000
    const end = viewer.writer.write(feedback, 0, feedback.length, 1000 + i, base & 0xffff, ticks, 0, count)
    viewer.reported += viewer.writer.taken
    viewer.egress.receiveRtcp(feedback, 0, end, nowMs)
    report.writeUInt32BE(1, 4)
    report.writeUInt32BE(1000 + i, 8)
    report.writeUInt32BE(77 + i + sent - 1, 16)
    viewer.egress.receiveRtcp(report, 0, 32, nowMs)
  }
  feedbackUs += cpuUs() - startedUs
}

function tickAll() {
  for (const { egress } of all) egress.tick(nowMs)
}

/** After a collection, where Node lets us. */
function heapBytes() {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function round() {
  forwardUs = 0
  feedbackUs = 0
  const before = outputs.reduce((sum, output) => sum + output.packets, 0)
  const heapBefore = heapBytes()
  packets = []
  at = 0
  while (packets.length < packetsPerRound + batchPackets) video.frame(32, (packet) => packets.push(packet))
  let nextFeedbackMs = nowMs + FEEDBACK_MS
  for (let done = 0; done < packetsPerRound; done += batchPackets) {
    if (values.cold) sweep()
    forward(batchPackets)
    if (nowMs >= nextFeedbackMs) giveFeedback()
    if (nowMs >= nextFeedbackMs) nextFeedbackMs += FEEDBACK_MS
    tickAll()
  }
  const sent = outputs.reduce((sum, output) => sum + output.packets, 0) - before
  const expected = viewers * packetsPerRound
  const heap = globalThis.gc ? process.memoryUsage().heapUsed - heapBefore : 0
  return {
    ns: (forwardUs * 1000) / sent,
    feedbackNs: (feedbackUs * 1000) / sent,
    part: sent / expected,
    heap: heap / sent,
  }
}

round()
round()
const results = Array.from({ length: rounds }, round)
if (process.env.DEBUG) for (const r of results) console.log(JSON.stringify(r))
const best = results.reduce((a, b) => (b.ns < a.ns ? b : a))
const stats = all[0].egress.stats(nowMs)
if (process.env.DEBUG) console.log(JSON.stringify(stats))
console.log(
  `${viewers} viewers, ${batchPackets} packets at a time: ${best.ns.toFixed(0)} ns per packet and viewer (feedback ${best.feedbackNs.toFixed(0)}), ` +
    `${(best.part * 100).toFixed(1)} % sent, median ${results
      .map(({ ns }) => ns)
      .sort((a, b) => a - b)
      [rounds >> 1].toFixed(0)}` +
    (globalThis.gc ? `, heap ${best.heap.toFixed(1)} bytes per packet` : ''),
)
