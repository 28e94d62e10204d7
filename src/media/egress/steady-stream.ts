/**
 * The short way of a packet to a viewer, for nearly every one of a video: it comes in order, nothing has changed since the one before it, and nothing holds
 * it back or leaves it out. Such a packet differs from the last one of the stream by numbers that lie side by side (`stream-record.ts`,
 * `viewer-record.ts`); what viewers cost is not instructions but the cache lines that each of them takes from memory, packet by packet.
 *
 * Every other packet goes the long way, by `EgressTrack` and `StreamSender`, which keeps the very same numbers. It also says when the short one is open,
 * and whatever changes anything closes it.
 */
import { RTP_FIXED_HEADER_LENGTH } from '../../rtp/rtp-header.js'
import { writeRtpHeader } from '../../rtp/rtp-writer.js'
import { timestampDelta } from '../../rtp/sequence.js'
import type { Codec } from '../../rtp/types.js'
import { type PacketReading, readPacket } from '../packet-reading.js'
import type { RtpOutput, StoredPacket } from '../types.js'
import type { CongestionControl } from './congestion-control.js'
import type { FlatRecord } from './flat-record.js'
import { NUMBER_BLOCK_LENGTH, writeNumberBlock } from './number-block.js'
import { passBudget } from './pacing-budget.js'
import { rewriteCounters } from './payload-rewriter.js'
import {
  BYTES,
  COUNTER_SHIFTS,
  HEADER_FIELDS,
  IS_STEADY,
  LATEST_MS,
  LATEST_TIMESTAMP,
  NEWEST_IN,
  NEWEST_OUT,
  PACKETS,
  PAYLOAD_BYTES,
  PLAIN_AFTER_MS,
  RATE_DUE_MS,
  SSRC,
  TIMESTAMP_SHIFT,
} from './stream-record.js'
import type { Stretch } from './stretch.js'
import type { TimestampMap } from './timestamp-map.js'
import { GATE, GATE_PACED, GATE_UNLIMITED } from './viewer-record.js'

/** How a {@link SteadyStream} is made. */
export interface SteadyStreamOptions {
  /** The stream's numbers. */
  readonly stream: FlatRecord
  readonly ssrc: number
  readonly output: RtpOutput
  readonly congestion: CongestionControl
  /** The id of the transport-wide number, 1 to 14; 0 if packets carry none. */
  readonly transportWideId: number
}

/** The short way of one video stream. */
export class SteadyStream {
  readonly #numbers: Float64Array
  readonly #at: number
  #codec: Codec | undefined
  /** The publisher's ids of extension elements that are handed on, see `idBit`. */
  #handedOn = 0
  readonly #output: RtpOutput
  readonly #viewer: Float64Array
  readonly #viewerAt: number
  readonly #congestion: CongestionControl
  /** Not the stretch, which keeps its layer alive. */
  #timestamps: TimestampMap | undefined
  readonly #transportWideId: number
  /** Packets that the transport had no room for. */
  outputFull = 0

  constructor(options: SteadyStreamOptions) {
    const { stream, congestion } = options
    this.#numbers = stream.numbers
    this.#at = stream.at
    this.#output = options.output
    this.#congestion = congestion
    const viewer = congestion.pacer.record
    this.#viewer = viewer.numbers
    this.#viewerAt = viewer.at
    this.#transportWideId = options.transportWideId
    this.#numbers[this.#at + SSRC] = options.ssrc
  }

  /** `stretch`, of which nothing is left out, goes on with the next packet as it was until now. The stream's record says so until something changes. */
  open(stretch: Stretch): void {
    const numbers = this.#numbers
    const at = this.#at
    if (numbers[at + IS_STEADY] === 1) return
    const { counters, timestamps } = stretch
    this.#timestamps = timestamps
    this.#codec = stretch.codec
    this.#handedOn = stretch.extensions.idSet
    numbers[at + TIMESTAMP_SHIFT] = timestamps.shift
    numbers[at + PLAIN_AFTER_MS] = timestamps.plainAfterMs
    numbers[at + HEADER_FIELDS] = (this.#transportWideId << 8) | stretch.payloadCodec.payloadType
    numbers[at + COUNTER_SHIFTS] = (counters.tl0PicIdx << 16) | counters.pictureId
    numbers[at + IS_STEADY] = 1
  }

  /** Sends the packet if it can go the short way; false, and nothing has happened, if not. */
  send(packet: StoredPacket, nowMs: number): boolean {
    const numbers = this.#numbers
    const at = this.#at
    const { extSeq, codec, arrivalMs } = packet
    if (numbers[at + IS_STEADY] !== 1 || extSeq !== (numbers[at + NEWEST_IN] as number) + 1) return false
    if (codec !== this.#codec || packet.keyframe || nowMs >= (numbers[at + RATE_DUE_MS] as number)) return false
    const reading = readPacket(packet)
    if ((reading.elementIds & this.#handedOn) !== 0) return false
    if (arrivalMs <= (numbers[at + PLAIN_AFTER_MS] as number) && this.#timestamps?.isPlain(packet) !== true) {
      return false
    }
    const output = this.#output
    if (output.backlogged === true || !this.#passes(packet.length, nowMs)) return false
    this.#write(packet, reading, nowMs)
    return true
  }

  /** True if the pacer lets it leave now, and it is accounted for. */
  #passes(bytes: number, nowMs: number): boolean {
    const viewer = this.#viewer
    const at = this.#viewerAt
    const gate = viewer[at + GATE]
    return gate === GATE_PACED ? passBudget(viewer, at, bytes, nowMs) : gate === GATE_UNLIMITED
  }

  #write(packet: StoredPacket, reading: PacketReading, nowMs: number): void {
    const numbers = this.#numbers
    const at = this.#at
    const output = this.#output
    const { payload } = reading
    const fields = numbers[at + HEADER_FIELDS] as number
    const id = fields >> 8
    const headerLength = RTP_FIXED_HEADER_LENGTH + (id === 0 ? 0 : NUMBER_BLOCK_LENGTH)
    const length = headerLength + payload.length
    const offset = output.reserve(length)
    if (offset < 0) {
      this.outputFull++
      return
    }
    const out = output.buffer
    const outExtSeq = (numbers[at + NEWEST_OUT] as number) + 1
    const timestamp = (packet.timestamp + (numbers[at + TIMESTAMP_SHIFT] as number)) >>> 0
    writeRtpHeader(out, offset, packet.marker, fields, outExtSeq, timestamp, numbers[at + SSRC] as number, id !== 0)
    const congestion = this.#congestion
    if (id !== 0) writeNumberBlock(out, offset + RTP_FIXED_HEADER_LENGTH, id, congestion.nextExtSeq)
    out.set(payload, offset + headerLength)
    if (reading.descriptor !== undefined) {
      const moved = offset + headerLength - packet.start - packet.headerLength
      const { pictureId } = reading.descriptor === 'vp8' ? reading.vp8 : reading.vp9
      const shifts = numbers[at + COUNTER_SHIFTS] as number
      rewriteCounters(reading, out, moved, pictureId, shifts & 0xffff, shifts >> 16, true, numbers, at)
    }
    ;(numbers[at + PACKETS] as number)++
    numbers[at + BYTES] = (numbers[at + BYTES] as number) + length
    numbers[at + PAYLOAD_BYTES] = (numbers[at + PAYLOAD_BYTES] as number) + payload.length
    output.sendRtp(offset, headerLength, length, outExtSeq)
    if (id !== 0) congestion.sent(length, nowMs)
    if (timestampDelta(timestamp, numbers[at + LATEST_TIMESTAMP] as number) > 0) {
      numbers[at + LATEST_TIMESTAMP] = timestamp
      numbers[at + LATEST_MS] = packet.arrivalMs
    }
    numbers[at + NEWEST_IN] = packet.extSeq
    numbers[at + NEWEST_OUT] = outExtSeq
  }
}
