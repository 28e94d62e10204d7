/**
 * The NAL units that a payload holds or begins (RFC 7798, section 4.4). Streams with decoding order numbers (sprop-max-don-diff above 0) are
 * not understood; WebRTC has none.
 */
import { readUint16 } from '../../rtp/bytes.js'

const AGGREGATION_PACKET = 48
const FRAGMENTATION_UNIT = 49
const HEADER_LENGTH = 2

/** Goes through the units of one payload after the other, without allocating. */
export class H265Units {
  /** nal_unit_type. */
  type = 0
  /** nuh_layer_id; 0 for the base layer. */
  layerId = 0
  /** What follows the unit's header, as far as the payload has it, lies in `[start, end)`. */
  start = 0
  end = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  #aggregated = false

  /** Begins with the payload `buffer[start, end)`. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
    this.#aggregated = false
    if (start + HEADER_LENGTH > end) {
      this.#at = end
      return
    }
    this.#readHeader(start)
    this.#aggregated = this.type === AGGREGATION_PACKET
    if (this.#aggregated) this.#at += HEADER_LENGTH
  }

  /** Goes to the next unit, or the next first fragment of one; false if there is none. A unit that is cut off ends an aggregate. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    return this.#aggregated ? this.#next() : this.#single()
  }

  #readHeader(at: number): void {
    const first = this.#buffer[at] as number
    this.type = (first >> 1) & 0x3f
    this.layerId = ((first & 0x01) << 5) | ((this.#buffer[at + 1] as number) >> 3)
  }

  #single(): boolean {
    this.start = this.#at + HEADER_LENGTH
    this.end = this.#end
    this.#at = this.#end
    if (this.type !== FRAGMENTATION_UNIT) return true
    // The FU header: S, E and the type of the unit that is cut up.
    const header = this.start < this.end ? (this.#buffer[this.start] as number) : 0
    this.start++
    this.type = header & 0x3f
    return (header & 0x80) !== 0
  }

  #next(): boolean {
    const at = this.#at + 2
    const size = at < this.#end ? readUint16(this.#buffer, this.#at) : 0
    if (size < HEADER_LENGTH || at + size > this.#end) {
      this.#at = this.#end
      return false
    }
    this.#readHeader(at)
    this.start = at + HEADER_LENGTH
    this.end = at + size
    this.#at = this.end
    return true
  }
}
