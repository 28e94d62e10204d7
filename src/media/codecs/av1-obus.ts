/** The OBUs that an AV1 payload holds or begins (RTP Payload Format For AV1, v1.0, sections 4.4 and 4.5; AV1 specification, section 5.3). */
import { Av1Elements } from './av1-elements.js'
import { leb128Length, readLeb128 } from './leb128.js'

/** Goes through the OBUs of one payload after the other, without allocating. */
export class Av1Obus {
  /** obu_type. */
  type = 0
  /** What follows the OBU's header, as far as the payload has it, lies in `[start, end)`. */
  start = 0
  end = 0
  #buffer: Uint8Array = new Uint8Array(0)
  readonly #elements = new Av1Elements()

  /** Begins with the payload `buffer[start, end)`. The first OBU of one that continues a fragment cannot be read. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.#buffer = buffer
    this.#elements.reset(buffer, start, end)
  }

  /** Goes to the next OBU; false if there is none. One that is cut off, against what the payload says of it, ends it. */
  next(): boolean {
    const elements = this.#elements
    while (elements.next()) if (elements.end > elements.start) return this.#readHeader(elements.start, elements.end)
    return false
  }

  #readHeader(at: number, end: number): boolean {
    const header = this.#buffer[at] as number
    this.type = (header >> 3) & 0x0f
    this.start = at + ((header & 0x04) === 0 ? 1 : 2)
    this.end = end
    // A size within the OBU is not needed in RTP, but allowed.
    if ((header & 0x02) === 0) return true
    const size = readLeb128(this.#buffer, this.start, end)
    if (size < 0) return true
    this.start += leb128Length(this.#buffer, this.start)
    this.end = Math.min(this.start + size, end)
    return true
  }
}
