/** What MP4 and Matroska say of H.264 and H.265 besides the frames: parameter sets, and how long the lengths before NAL units are (ISO/IEC 14496-15, sections 5.3.3.1 and 8.3.3.1). */

/** An avcC or hvcC, read. */
export interface DecoderConfiguration {
  /** How many bytes the length before each unit has. */
  readonly lengthSize: number
  readonly parameterSets: readonly Uint8Array[]
}

/** Reads an AVCDecoderConfigurationRecord; undefined if it is malformed. */
export function readAvcConfiguration(bytes: Uint8Array): DecoderConfiguration | undefined {
  const cursor = new Cursor(bytes, 4)
  const lengthSize = (cursor.uint8() & 0x03) + 1
  const parameterSets: Uint8Array[] = []
  cursor.units(cursor.uint8() & 0x1f, parameterSets)
  cursor.units(cursor.uint8(), parameterSets)
  return cursor.failed ? undefined : { lengthSize, parameterSets }
}

/** Reads an HEVCDecoderConfigurationRecord; undefined if it is malformed. */
export function readHevcConfiguration(bytes: Uint8Array): DecoderConfiguration | undefined {
  const cursor = new Cursor(bytes, 21)
  const lengthSize = (cursor.uint8() & 0x03) + 1
  const arrays = cursor.uint8()
  const parameterSets: Uint8Array[] = []
  for (let i = 0; i < arrays && !cursor.failed; i++) {
    const type = cursor.uint8() & 0x3f
    const units: Uint8Array[] = []
    cursor.units(cursor.uint16(), units)
    // The others are SEI.
    if (type >= 32 && type <= 34) parameterSets.push(...units)
  }
  return cursor.failed ? undefined : { lengthSize, parameterSets }
}

/** The NAL units of a sample, which point into it; undefined if their lengths do not add up. */
export function lengthPrefixedUnits(sample: Uint8Array, lengthSize: number): Uint8Array[] | undefined {
  const units: Uint8Array[] = []
  for (let at = 0; at < sample.length; ) {
    let length = 0
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (sample[at++] ?? 0)
    if (at + length > sample.length) return undefined
    if (length > 0) units.push(sample.subarray(at, at + length))
    at += length
  }
  return units
}

/** Reads from the front; beyond the end everything is zero, and `failed` says so. */
class Cursor {
  failed = false
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  uint8(): number {
    if (this.#at >= this.#bytes.length) this.failed = true
    return this.#bytes[this.#at++] ?? 0
  }

  uint16(): number {
    return this.uint8() * 256 + this.uint8()
  }

  /** So many units, each behind its length. */
  units(count: number, into: Uint8Array[]): void {
    for (let i = 0; i < count && !this.failed; i++) {
      const length = this.uint16()
      if (this.#at + length > this.#bytes.length) this.failed = true
      else into.push(this.#bytes.subarray(this.#at, this.#at + length))
      this.#at += length
    }
  }
}
