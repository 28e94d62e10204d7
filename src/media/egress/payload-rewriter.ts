/** Keeps the counters in VP8 and VP9 payload descriptors continuous (RFC 7741, section 4.2; RFC 9628, section 4.2). */
import { rewriteVp8 } from '../codecs/vp8.js'
import { rewriteVp9 } from '../codecs/vp9.js'
import type { PacketReading } from '../packet-reading.js'
import { CounterContinuity } from './counter-continuity.js'
import { type FlatRecord, takeRecord } from './flat-record.js'
import type { LayerThinning } from './layer-thinning.js'
import { NEWEST_PICTURE_ID, NEWEST_TL0_PIC_IDX, STREAM_RECORD_LENGTH } from './stream-record.js'

/** What the counters of one source are shifted by. */
export interface CounterShifts {
  readonly pictureId: number
  readonly tl0PicIdx: number
}

const PICTURE_ID_BITS = 15
const TL0_PIC_IDX_BITS = 8
const PICTURE_ID_MASK = 2 ** PICTURE_ID_BITS - 1
const TL0_PIC_IDX_MASK = 2 ** TL0_PIC_IDX_BITS - 1

const UNSHIFTED: CounterShifts = { pictureId: 0, tl0PicIdx: 0 }

/** Rewrites the payloads of one outgoing stream. Other codecs have nothing to rewrite. */
export class PayloadRewriter {
  readonly #pictureId: CounterContinuity
  readonly #tl0PicIdx: CounterContinuity
  readonly #record: FlatRecord
  #shifts = UNSHIFTED

  /** @param record that of the stream. */
  constructor(record: FlatRecord = takeRecord(STREAM_RECORD_LENGTH)) {
    const { numbers, at } = record
    this.#record = record
    this.#pictureId = new CounterContinuity(PICTURE_ID_BITS, numbers, at + NEWEST_PICTURE_ID)
    this.#tl0PicIdx = new CounterContinuity(TL0_PIC_IDX_BITS, numbers, at + NEWEST_TL0_PIC_IDX)
  }

  /** `packet` is the first of a new source; returns the shifts of that source. */
  begin(packet: PacketReading): CounterShifts {
    const descriptor = descriptorOf(packet)
    if (descriptor !== undefined) {
      this.#shifts = {
        pictureId: this.#pictureId.begin(descriptor.pictureId),
        tl0PicIdx: this.#tl0PicIdx.begin(descriptor.tl0PicIdx),
      }
    }
    return this.#shifts
  }

  /**
   * Rewrites the copy of the packet's payload in `out`.
   *
   * @param shift where the copy lies, relative to the original in its own buffer.
   * @param newest whether no later packet has been sent.
   * @param shifts those of the packet's source, if that is not the newest.
   * @param thinning what is left out of the source, if anything is.
   */
  rewrite(
    packet: PacketReading,
    out: Uint8Array,
    shift: number,
    newest: boolean,
    shifts = this.#shifts,
    thinning?: LayerThinning,
  ): void {
    const descriptor = descriptorOf(packet)
    if (descriptor === undefined) return
    const { pictureId } = descriptor
    const isThinned = thinning !== undefined && packet.descriptor === 'vp8'
    const sourceId = isThinned ? thinning.pictureId(packet.extSeq, pictureId) : pictureId
    const { numbers, at } = this.#record
    rewriteCounters(packet, out, shift, sourceId, shifts.pictureId, shifts.tl0PicIdx, newest, numbers, at)
  }
}

/**
 * Writes the counters of a packet that has a descriptor; the newest ones are noted in the stream's record, `numbers` from `at` on. Otherwise as
 * {@link PayloadRewriter.rewrite}.
 */
export function rewriteCounters(
  packet: PacketReading,
  out: Uint8Array,
  shift: number,
  sourceId: number,
  pictureIdShift: number,
  tl0PicIdxShift: number,
  newest: boolean,
  numbers: Float64Array,
  at: number,
): void {
  const isVp8 = packet.descriptor === 'vp8'
  const descriptor = isVp8 ? packet.vp8 : packet.vp9
  const pictureId = (sourceId + pictureIdShift) & PICTURE_ID_MASK
  const tl0PicIdx = (descriptor.tl0PicIdx + tl0PicIdxShift) & TL0_PIC_IDX_MASK
  if (isVp8) rewriteVp8(out, packet.vp8, pictureId, tl0PicIdx, shift)
  else rewriteVp9(out, packet.vp9, pictureId, tl0PicIdx, shift)
  if (!newest) return
  // A picture id of seven bits loses the others on the way.
  if (descriptor.hasPictureId) {
    numbers[at + NEWEST_PICTURE_ID] = descriptor.pictureIdBits === 7 ? pictureId & 0x7f : pictureId
  }
  if (descriptor.hasTl0PicIdx) numbers[at + NEWEST_TL0_PIC_IDX] = tl0PicIdx
}

function descriptorOf(packet: PacketReading): PacketReading['vp8'] | PacketReading['vp9'] | undefined {
  if (packet.descriptor === 'vp8') return packet.vp8
  return packet.descriptor === 'vp9' ? packet.vp9 : undefined
}
