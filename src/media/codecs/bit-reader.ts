/**
 * Reads numbers of any width, most significant bit first, as the codecs' specifications write them (AV1 specification, section 4.10;
 * ITU-T H.264, section 9.1).
 */

/** A cursor over the bits of a range of bytes. Beyond its end everything reads as zero, and `failed` says so. */
export class BitReader {
  /** True once more was read than there is. */
  failed = false
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0

  /** Begins with the first bit of `buffer[start, end)`. */
  reset(buffer: Uint8Array, start: number, end: number): void {
    this.failed = false
    this.#bytes = buffer
    this.#at = start * 8
    this.#end = end * 8
  }

  /** One bit. */
  flag(): boolean {
    return this.bits(1) === 1
  }

  /** f(n): the next `count` bits, at most 32. */
  bits(count: number): number {
    if (this.#at + count > this.#end) {
      this.failed = true
      this.#at = this.#end
      return 0
    }
    let value = 0
    for (let i = 0; i < count; i++, this.#at++) {
      const bit = ((this.#bytes[this.#at >> 3] as number) >> (7 - (this.#at & 7))) & 1
      value = value * 2 + bit
    }
    return value
  }

  /** Passes over the next `count` bits. */
  skip(count: number): void {
    this.#at += count
    if (this.#at <= this.#end) return
    this.failed = true
    this.#at = this.#end
  }

  /** ue(v) of H.264 and H.265, uvlc() of AV1: a number below 2^32 - 1 as an exponential Golomb code. A longer code is a failure. */
  unsignedExpGolomb(): number {
    let zeros = 0
    while (!this.flag()) {
      if (this.failed || ++zeros === 32) {
        this.failed = true
        return 0
      }
    }
    const rest = this.bits(zeros)
    return this.failed ? 0 : 2 ** zeros - 1 + rest
  }

  /** se(v): 0, 1, -1, 2, -2 and so on, as an exponential Golomb code. */
  signedExpGolomb(): number {
    const code = this.unsignedExpGolomb()
    return code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2
  }

  /** ns(n): a number below `bound` in as few bits as it takes, short codes for the small ones. */
  nonSymmetric(bound: number): number {
    if (bound <= 1) return 0
    const width = 32 - Math.clz32(bound)
    const shortCodes = 2 ** width - bound
    const value = this.bits(width - 1)
    return value < shortCodes ? value : value * 2 - shortCodes + this.bits(1)
  }
}
