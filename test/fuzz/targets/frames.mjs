/**
 * What becomes of a layer's packets in a frame assembler: frames, gaps, keyframe requests. The first step's kind says the codec and what comes
 * of frames behind a gap, and what each of the others does to number, timestamp and time.
 */
import { FrameAssembler } from '../../../dist/media/frames/frame-assembler.js'
import { createDepacketizer } from '../../../dist/media/payload/create-depacketizer.js'
import { createPacketizer } from '../../../dist/media/payload/create-packetizer.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const video = (name) => ({ name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} })
const opus = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }
const CODECS = [
  ...['VP8', 'VP9', 'H264', 'H265', 'AV1'].map(video),
  opus,
  { ...opus, name: 'red', blocks: { payloadType: 111, codec: opus } },
]
/** Their frames are any bytes, so what is cut up comes out the same. */
const OPAQUE = ['VP8', 'VP9', 'opus']
/** What a step's kind has in its bits. */
const DO = { marker: 0x01, sameTimestamp: 0x02, jump: 0x04, late: 0x08, wait: 0x10, otherCodec: 0x20, lost: 0x40 }
const MAX_BYTES = 20_000
const HEADER = 12

const seeds = () =>
  [
    [0, '1010009d012a80026801', DO.sameTimestamp, '0001', DO.marker, '0002', DO.marker | DO.lost, '101105'],
    [1, '8e8001100000ff00ff82', DO.marker, '2a020182', DO.marker, '2a830386'],
    [2, '7800046742c00a000268ce', DO.sameTimestamp, '7c858884', DO.marker, '7c4501', DO.marker | DO.late, '419a'],
    [3, '600100044001000c00044201010100044401c172', DO.sameTimestamp, '620193af', DO.marker, '62015308'],
    [4, '1a020a0b3210', DO.sameTimestamp, '5030aa', DO.marker | DO.wait, '90bb'],
    [5, 'f80102', DO.jump, 'f80304', DO.otherCodec, 'f805'],
    [6, 'ef0f00026f0102f807', DO.marker, '6ff8'],
  ].map(([codec, first, ...rest]) => {
    const steps = [[codec, Buffer.from(first, 'hex')]]
    for (let i = 0; i < rest.length; i += 2) steps.push([rest[i], Buffer.from(rest[i + 1], 'hex')])
    return writeSteps(steps)
  })

function run(input) {
  const [first, ...steps] = readSteps(input)
  if (first === undefined) return
  const [choice, firstPayload] = first
  const index = (choice & 0x7f) % CODECS.length
  const told = { frames: 0, gaps: 0, requests: 0 }
  const packetizer = createPacketizer(CODECS[index])
  const assembler = new FrameAssembler({
    maxBufferedBytes: MAX_BYTES,
    untilKeyframe: (choice & 0x80) === 0 ? 'drop' : 'emit',
    onGap(gap) {
      told.gaps++
      must(gap.durationMs >= 0 && gap.missingPackets >= 0, 'a gap is no less than nothing')
    },
    onFrame(frame) {
      told.frames++
      must(frame.data.length > 0 && frame.data.length <= MAX_BYTES, 'a frame is something, and bounded')
      must(frame.codec.name !== 'red', 'a frame of redundant audio is of the codec inside')
      must(told.frames > 1 || !frame.gapBefore, 'nothing is missing before the beginning')
      if (frame.codec.name === CODECS[index].name) packAgain(packetizer, frame)
    },
  })
  const layer = { requestKeyframe: () => told.requests++ }
  const at = { extSeq: 70_000, timestamp: 0xffff_f000, nowMs: 1000 }
  take(assembler, layer, at, CODECS[index], firstPayload, 0)
  for (const [kind, data] of steps) {
    move(at, kind)
    if ((kind & DO.wait) !== 0) assembler.tick(at.nowMs)
    if ((kind & DO.lost) !== 0) continue
    const codec = CODECS[(kind & DO.otherCodec) === 0 ? index : (index + 1) % CODECS.length]
    take(assembler, layer, at, codec, data, kind)
    must(assembler.stats.bufferedBytes <= MAX_BYTES, 'what waits is bounded')
  }
  assembler.finish(at.nowMs)
  const { stats } = assembler
  must(stats.bufferedBytes === 0 && assembler.dueMs === Number.POSITIVE_INFINITY, 'nothing is left at the end')
  must(stats.frames === told.frames && stats.gaps === told.gaps, 'what was told is counted')
  must(stats.keyframeRequests === told.requests, 'and so are requests')
}

function move(at, kind) {
  at.extSeq += (kind & DO.jump) === 0 ? 1 : 40_000
  if ((kind & DO.late) !== 0) at.extSeq = Math.max(0, at.extSeq - 4)
  if ((kind & DO.sameTimestamp) === 0) at.timestamp = (at.timestamp + 3000) >>> 0
  at.nowMs += (kind & DO.wait) === 0 ? 1 : 600
}

function take(assembler, layer, { extSeq, timestamp, nowMs }, codec, data, kind) {
  if (data.length === 0) return
  const bytes = Buffer.concat([Buffer.alloc(HEADER), data])
  const packet = { bytes, start: 0, length: bytes.length, headerLength: HEADER, extSeq, timestamp, codec }
  assembler.onPacket({ ...packet, marker: (kind & DO.marker) !== 0, keyframe: false, arrivalMs: nowMs }, layer, nowMs)
  // The bytes are the packet's during the call only.
  bytes.fill(0xff)
}

function packAgain(packetizer, { codec, data, keyframe }) {
  const payloads = packetizer.packetize(data, keyframe, 1200)
  for (const payload of payloads) must(payload.length <= 1200, 'no payload is longer than it may be')
  if (!OPAQUE.includes(codec.name) || payloads.length === 0) return
  const again = createDepacketizer(codec).depacketize(payloads)
  must(again !== undefined && Buffer.compare(again, data) === 0, 'what is cut up comes out the same')
}

export const target = { seeds, mutate: mutateSteps, maxLength: 4000, run }
