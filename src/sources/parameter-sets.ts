/** The parameter sets of a stream, which its keyframes need to have with them: a viewer may start at any. */
import type { NalFormat } from './nal-format.js'

/** No stream of ours has more; more are forgotten. */
const MAX_SETS = 64

const START_CODE_LENGTH = 4

/** Access units in Annex B format, keyframes with their parameter sets. */
export class ParameterSets {
  readonly #format: NalFormat
  #sets: Uint8Array[]

  /** @param sets those that the container has, if any. */
  constructor(format: NalFormat, sets: readonly Uint8Array[] = []) {
    this.#format = format
    this.#sets = [...sets]
  }

  /** The access unit of these NAL units, with start codes of four bytes. It is a copy. */
  accessUnit(units: readonly Uint8Array[], keyframe: boolean): Uint8Array {
    const { typeOf, isParameterSet, sequenceParameterSet } = this.#format
    const own = units.filter((unit) => isParameterSet(typeOf(unit)))
    const complete = own.some((unit) => typeOf(unit) === sequenceParameterSet)
    if (own.length > 0) this.#remember(own, complete)
    return toAnnexB(keyframe && !complete ? this.#completed(units) : units)
  }

  #remember(own: readonly Uint8Array[], complete: boolean): void {
    const copies = own.map((unit) => new Uint8Array(unit))
    this.#sets = complete ? copies : [...this.#sets, ...copies].slice(-MAX_SETS)
  }

  /** The sets go behind the access unit delimiter, if there is one: it has to be the first. */
  #completed(units: readonly Uint8Array[]): readonly Uint8Array[] {
    const { typeOf, isSlice, isParameterSet } = this.#format
    const own = units.filter((unit) => !isParameterSet(typeOf(unit)))
    const slices = own.findIndex((unit) => isSlice(typeOf(unit)))
    return [...own.slice(0, slices), ...this.#sets, ...own.slice(slices)]
  }
}

/** The units behind start codes of four bytes. */
function toAnnexB(units: readonly Uint8Array[]): Uint8Array {
  const frame = new Uint8Array(units.reduce((sum, unit) => sum + START_CODE_LENGTH + unit.length, 0))
  let at = 0
  for (const unit of units) {
    frame[at + START_CODE_LENGTH - 1] = 1
    frame.set(unit, at + START_CODE_LENGTH)
    at += START_CODE_LENGTH + unit.length
  }
  return frame
}
