/** The NAL units of one H.264 or H.265 picture, and how they are written in a row (ITU-T H.264, annex B; H.265, annex B). */
import { joinBytes } from './join-bytes.js'

/** More units than a picture has by far: each costs more than its bytes. */
const MAX_UNITS = 4096

const START_CODE = Uint8Array.of(0, 0, 0, 1)

/** A NAL unit, whole or as its fragments have come. */
export interface NalUnit {
  /** nal_unit_type. */
  readonly type: number
  /** One after the other they are the unit, with its header. */
  readonly parts: Uint8Array[]
}

/** Collects units in order. */
export class AccessUnit {
  readonly units: NalUnit[] = []
  /** The unit that fragments are taken for. */
  #open: NalUnit | undefined

  /** Takes a whole unit. */
  add(type: number, unit: Uint8Array): void {
    this.#open = undefined
    this.units.push({ type, parts: [unit] })
  }

  /** Takes the first fragment of a unit. */
  begin(type: number, header: Uint8Array, fragment: Uint8Array): void {
    this.#open = { type, parts: [header, fragment] }
    this.units.push(this.#open)
  }

  /** Takes the next fragment of a unit, after which the unit is over if `ends`; false if there is none that it could belong to. */
  continue(type: number, fragment: Uint8Array, ends: boolean): boolean {
    if (this.#open?.type !== type) return false
    this.#open.parts.push(fragment)
    if (ends) this.#open = undefined
    return true
  }

  /** There are too many units. */
  get overflows(): boolean {
    return this.units.length > MAX_UNITS
  }

  /** All units behind start codes of four bytes; undefined if that is longer than `maxBytes`. */
  toAnnexB(maxBytes: number): Uint8Array | undefined {
    return joinBytes(
      this.units.flatMap(({ parts }) => [START_CODE, ...parts]),
      maxBytes,
    )
  }
}
