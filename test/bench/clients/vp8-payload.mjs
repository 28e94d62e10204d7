/**
 * Synthetic VP8 (RFC 7741, section 4): valid payload descriptors and frame headers, and behind them, instead of a picture, the time of
 * sending. Publisher and viewers live in one process, so the clock is one.
 *
 * descriptor 4 | frame header 10 | magic 4 | time 8 | filler
 */
const DESCRIPTOR_LENGTH = 4
const STAMP_OFFSET = DESCRIPTOR_LENGTH + 10
const MAGIC = 0x62656e63
const START_CODE = 0x9d012a
const WIDTH = 1280
const HEIGHT = 720

/** The smallest payload that holds all of it. */
export const MIN_PAYLOAD_BYTES = STAMP_OFFSET + 12

/**
 * Writes what differs from packet to packet; the rest of the payload stays as it is.
 *
 * @param {Buffer} buffer
 * @param {number} at where the payload begins
 * @param {{ isFirst: boolean, isKeyframe: boolean, pictureId: number, frameBytes: number, nowMs: number }} packet
 */
export function writeVp8Payload(buffer, at, { isFirst, isKeyframe, pictureId, frameBytes, nowMs }) {
  buffer[at] = isFirst ? 0x90 : 0x80
  buffer[at + 1] = 0x80
  buffer.writeUInt16BE(0x8000 | (pictureId & 0x7fff), at + 2)
  if (isFirst) {
    const header = at + DESCRIPTOR_LENGTH
    const firstPartitionBytes = Math.min(0x7ffff, frameBytes >> 1)
    buffer.writeUIntLE((firstPartitionBytes << 5) | 0x10 | (isKeyframe ? 0 : 1), header, 3)
    if (isKeyframe) {
      buffer.writeUIntBE(START_CODE, header + 3, 3)
      buffer.writeUInt16LE(WIDTH, header + 6)
      buffer.writeUInt16LE(HEIGHT, header + 8)
    }
  }
  buffer.writeUInt32BE(MAGIC, at + STAMP_OFFSET)
  buffer.writeDoubleBE(nowMs, at + STAMP_OFFSET + 4)
}

/** Whether a keyframe begins in the payload at `buffer[at, end)`. */
export function beginsVp8Keyframe(buffer, at, end) {
  const length = descriptorLength(buffer, at)
  return at + length < end && (buffer[at] & 0x17) === 0x10 && (buffer[at + length] & 1) === 0
}

/** When the packet was sent, by `performance.now()`; undefined for a payload of somebody else. */
export function readSentAtMs(buffer, at, end) {
  // A server may rewrite the descriptor, so its length is read and not assumed.
  const stamp = at + descriptorLength(buffer, at) + STAMP_OFFSET - DESCRIPTOR_LENGTH
  if (stamp + 12 > end || buffer.readUInt32BE(stamp) !== MAGIC) return undefined
  return buffer.readDoubleBE(stamp + 4)
}

function descriptorLength(buffer, at) {
  if ((buffer[at] & 0x80) === 0) return 1
  const flags = buffer[at + 1]
  let length = 2
  if ((flags & 0x80) !== 0) length += (buffer[at + 2] & 0x80) === 0 ? 1 : 2
  if ((flags & 0x40) !== 0) length++
  if ((flags & 0x30) !== 0) length++
  return length
}
