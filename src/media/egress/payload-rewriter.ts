/** Keeps the counters in VP8 and VP9 payload descriptors continuous (RFC 7741, section 4.2; RFC 9628, section 4.2). */
import { rewriteVp8 } from '../codecs/vp8.js'
import { rewriteVp9 } from '../codecs/vp9.js'
import type { PacketReading } from '../packet-reading.js'
import { CounterContinuity } from './counter-continuity.js'
import type { LayerThinning } from './layer-thinning.js'

/** What the counters of one source are shifted by. */
export interface CounterShifts {
  readonly pictureId: number
  readonly tl0PicIdx: number
}

const UNSHIFTED: CounterShifts = { pictureId: 0, tl0PicIdx: 0 }

/** Rewrites the payloads of one outgoing stream. Other codecs have nothing to rewrite. */
export class PayloadRewriter {
  readonly #pictureId = new CounterContinuity(15)
  readonly #tl0PicIdx = new CounterContinuity(8)
  #shifts = UNSHIFTED

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
    const isVp8 = packet.descriptor === 'vp8'
    const sourceId =
      (isVp8 ? thinning?.pictureId(packet.extSeq, descriptor.pictureId) : undefined) ?? descriptor.pictureId
    const pictureId = this.#pictureId.map(sourceId, shifts.pictureId)
    const tl0PicIdx = this.#tl0PicIdx.map(descriptor.tl0PicIdx, shifts.tl0PicIdx)
    if (isVp8) rewriteVp8(out, packet.vp8, pictureId, tl0PicIdx, shift)
    else rewriteVp9(out, packet.vp9, pictureId, tl0PicIdx, shift)
    if (!newest) return
    // A picture id of seven bits loses the others on the way.
    if (descriptor.hasPictureId) this.#pictureId.sent(descriptor.pictureIdBits === 7 ? pictureId & 0x7f : pictureId)
    if (descriptor.hasTl0PicIdx) this.#tl0PicIdx.sent(tl0PicIdx)
  }
}

function descriptorOf(packet: PacketReading): PacketReading['vp8'] | PacketReading['vp9'] | undefined {
  if (packet.descriptor === 'vp8') return packet.vp8
  return packet.descriptor === 'vp9' ? packet.vp9 : undefined
}
