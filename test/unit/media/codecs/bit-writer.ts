/** Writes what `BitReader` reads. */
export class BitWriter {
  readonly #bits: number[] = []

  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2)
  }

  flag(value: boolean): void {
    this.#bits.push(value ? 1 : 0)
  }

  nonSymmetric(value: number, bound: number): void {
    let width = 0
    for (let rest = bound; rest > 0; rest = Math.floor(rest / 2)) width++
    const short = 2 ** width - bound
    if (value < short) this.bits(value, width - 1)
    else this.bits(value + short, width)
  }

  unsignedExpGolomb(...values: readonly number[]): void {
    for (const value of values) {
      const width = Math.floor(Math.log2(value + 1))
      this.bits(0, width)
      this.bits(value + 1, width + 1)
    }
  }

  signedExpGolomb(value: number): void {
    this.unsignedExpGolomb(value > 0 ? 2 * value - 1 : -2 * value)
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8))
    for (const [i, bit] of this.#bits.entries()) bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (7 - (i & 7)))
    return bytes
  }
}
