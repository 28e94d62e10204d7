/** The NAL units that a payload holds or begins (RFC 6184, sections 5.2 to 5.8). */
import { readUint16 } from '../../rtp/bytes.js'

const STAP_A = 24
const STAP_B = 25
const MTAP16 = 26
const MTAP24 = 27
const FU_A = 28
const FU_B = 29

/** What is between the size of a unit and the unit in an MTAP: an order difference of one byte, and a time offset of two or three. */
const MTAP16_HEAD = 3
const MTAP24_HEAD = 4

/** Goes through the units of one payload after the other, without allocating. */
export class H264Units {
  /** nal_unit_type. */
  type = 0
  /** What follows the unit's header, as far as the payload has it, lies in `[start, end)`. */
  start = 0
  end = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  /** How far a unit of an aggregate lies behind its size; -1 in a payload that is no aggregate. */
  #head = -1

  /** Begins with the payload `buffer[start, end)`. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
    this.#head = -1
    const type = start < end ? (buffer[start] as number) & 0x1f : 0
    if (type === STAP_A) this.#aggregate(1, 0)
    else if (type === STAP_B) this.#aggregate(3, 0)
    else if (type === MTAP16) this.#aggregate(3, MTAP16_HEAD)
    else if (type === MTAP24) this.#aggregate(3, MTAP24_HEAD)
  }

  /** Goes to the next unit, or the next first fragment of one; false if there is none. A unit that is cut off ends an aggregate. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    return this.#head < 0 ? this.#single() : this.#next()
  }

  #aggregate(length: number, head: number): void {
    this.#at += length
    this.#head = head
  }

  #single(): boolean {
    const at = this.#at
    this.#at = this.#end
    this.end = this.#end
    this.type = (this.#buffer[at] as number) & 0x1f
    this.start = at + 1
    if (this.type !== FU_A && this.type !== FU_B) return true
    // The FU header: S, E, R and the type of the unit that is cut up.
    const header = this.start < this.end ? (this.#buffer[this.start] as number) : 0
    this.start += this.type === FU_A ? 1 : 3
    this.type = header & 0x1f
    return (header & 0x80) !== 0
  }

  #next(): boolean {
    const at = this.#at + 2 + this.#head
    if (at >= this.#end) return false
    // In the MTAPs, too, the size counts the NAL unit alone.
    const size = readUint16(this.#buffer, this.#at)
    if (size === 0 || at + size > this.#end) {
      this.#at = this.#end
      return false
    }
    this.type = (this.#buffer[at] as number) & 0x1f
    this.start = at + 1
    this.end = at + size
    this.#at = this.end
    return true
  }
}
