/** Writes transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1). */
import { writeUint16, writeUint24, writeUint32 } from '../bytes.js'
import { RTCP_TYPE, TRANSPORT_FEEDBACK, writeRtcpHeader } from './rtcp-packet.js'
import {
  NOT_RECEIVED,
  ONE_BIT_SYMBOLS,
  PACKET_STATUS,
  TICKS_PER_REFERENCE,
  TRANSPORT_FEEDBACK_HEADER_LENGTH,
  TWO_BIT_SYMBOLS,
} from './transport-feedback.js'

/** Statuses that one packet holds at most; what is beyond goes into the next. */
const MAX_STATUSES = 4096

/** The longest run of a chunk: 13 bits. */
const MAX_RUN = 0x1fff

const { notReceived, smallDelta, largeDelta } = PACKET_STATUS

// Scratch memory of the thread: a packet is written in one go.
const statuses = new Uint8Array(MAX_STATUSES)
const deltas = new Int16Array(MAX_STATUSES)

/** Writes the feedback of one receiver. */
export class TransportFeedbackWriter {
  /** How many statuses the last `write` has taken. */
  taken = 0
  readonly #senderSsrc: number
  #feedbackCount = 0

  /** @param senderSsrc the SSRC that our RTCP comes from. */
  constructor(senderSsrc: number) {
    this.#senderSsrc = senderSsrc
  }

  /**
   * Writes a packet about `arrivalTicks[from, to)` at `offset`, not beyond `end`; returns the offset behind it.
   *
   * It takes as many statuses as there is room for, and as can be told from one reference time: `taken` says how many. Call it
   * again for the rest. With nothing to take, or no room for it, nothing is written, and `offset` returned.
   *
   * @param baseSeq the transport-wide number of `arrivalTicks[from]`.
   * @param arrivalTicks arrival times on the receiver's clock in ticks of 250 us, never negative; {@link NOT_RECEIVED} where there is none.
   */
  write(
    buffer: Uint8Array,
    offset: number,
    end: number,
    mediaSsrc: number,
    baseSeq: number,
    arrivalTicks: ArrayLike<number>,
    from: number,
    to: number,
  ): number {
    const referenceTime = referenceTimeOf(arrivalTicks, from, to)
    const count = classify(arrivalTicks, from, to, referenceTime * TICKS_PER_REFERENCE)
    const chunksOffset = offset + TRANSPORT_FEEDBACK_HEADER_LENGTH
    // The deltas follow the chunks, whose end is known only when all are chosen. Room for padding is kept.
    const limit = offset + ((end - offset) & ~3)
    let at = chunksOffset
    let deltaBytes = 0
    let i = 0
    while (i < count) {
      const free = limit - at - 2 - deltaBytes
      const length = chunkLength(i, count, free)
      const bytes = deltaBytesOf(i, length)
      if (length === 0 || bytes > free) break
      at = writeUint16(buffer, at, chunkOf(i, length))
      deltaBytes += bytes
      i += length
    }
    this.taken = i
    if (i === 0) return offset
    at = writeDeltas(buffer, at, i)
    const padding = (offset - at) & 3
    for (let pad = 1; pad <= padding; pad++) buffer[at++] = pad === padding ? padding : 0
    writeRtcpHeader(buffer, offset, TRANSPORT_FEEDBACK.transportWide, RTCP_TYPE.transportFeedback, at - offset)
    // Padding of less than a word is what this format has in the wild, with the bit of RFC 3550 to tell it from deltas.
    if (padding > 0) buffer[offset] = (buffer[offset] as number) | 0x20
    writeUint32(buffer, offset + 4, this.#senderSsrc)
    writeUint32(buffer, offset + 8, mediaSsrc)
    writeUint16(buffer, offset + 12, baseSeq)
    writeUint16(buffer, offset + 14, i)
    writeUint24(buffer, offset + 16, referenceTime)
    buffer[offset + 19] = this.#feedbackCount
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff
    return at
  }
}

function referenceTimeOf(arrivalTicks: ArrayLike<number>, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const ticks = arrivalTicks[i] as number
    if (ticks !== NOT_RECEIVED) return Math.floor(ticks / TICKS_PER_REFERENCE)
  }
  return 0
}

/** Fills `statuses` and `deltas`; returns for how many, less than all where a delta exceeds 16 bits. */
function classify(arrivalTicks: ArrayLike<number>, from: number, to: number, referenceTicks: number): number {
  const count = Math.min(MAX_STATUSES, to - from)
  let before = referenceTicks
  for (let i = 0; i < count; i++) {
    const ticks = arrivalTicks[from + i] as number
    if (ticks === NOT_RECEIVED) {
      statuses[i] = notReceived
      continue
    }
    const delta = ticks - before
    if (delta < -0x8000 || delta > 0x7fff) return i
    statuses[i] = delta >= 0 && delta <= 0xff ? smallDelta : largeDelta
    deltas[i] = delta
    before = ticks
  }
  return count
}

/** How many statuses the chunk that begins at `i` takes: a run where that is the longest, cut to the bytes that are free, else a vector. */
function chunkLength(i: number, count: number, free: number): number {
  const run = runLength(i, count)
  const vector = Math.min(count - i, fitsOneBit(i, count) ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS)
  if (vector > run) return vector
  const status = statuses[i] as number
  return free < 0 ? 0 : status === notReceived ? run : Math.min(run, Math.floor(free / status))
}

function chunkOf(i: number, length: number): number {
  if (runLength(i, i + length) === length) return ((statuses[i] as number) << 13) | length
  // What is no run and longer than a vector of two-bit symbols was found to fit one bit.
  const oneBit = length > TWO_BIT_SYMBOLS
  let chunk = oneBit ? 0x8000 : 0xc000
  const topShift = oneBit ? ONE_BIT_SYMBOLS - 1 : 2 * (TWO_BIT_SYMBOLS - 1)
  for (let n = 0; n < length; n++) chunk |= (statuses[i + n] as number) << (topShift - n * (oneBit ? 1 : 2))
  return chunk
}

function runLength(i: number, count: number): number {
  const status = statuses[i]
  const last = Math.min(count, i + MAX_RUN)
  let end = i + 1
  while (end < last && statuses[end] === status) end++
  return end - i
}

/** True if one bit tells the statuses of a whole vector apart. */
function fitsOneBit(i: number, count: number): boolean {
  const last = Math.min(count, i + ONE_BIT_SYMBOLS)
  for (let n = i; n < last; n++) if (statuses[n] === largeDelta) return false
  return true
}

function deltaBytesOf(i: number, length: number): number {
  let bytes = 0
  // The symbols' values are the lengths of their deltas.
  for (let n = i; n < i + length; n++) bytes += statuses[n] as number
  return bytes
}

function writeDeltas(buffer: Uint8Array, offset: number, count: number): number {
  let at = offset
  for (let i = 0; i < count; i++) {
    const status = statuses[i]
    if (status === smallDelta) buffer[at++] = deltas[i] as number
    else if (status === largeDelta) at = writeUint16(buffer, at, deltas[i] as number)
  }
  return at
}
