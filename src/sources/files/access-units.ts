/** Makes access units of NAL units; keyframes get the parameter sets that they need, as a viewer may start at any. */
import { joinBytes } from '../../media/payload/join-bytes.js'
import { ParameterSets } from '../../media/payload/parameter-sets.js'
import type { NalFormat } from './nal-format.js'

const START_CODE = Uint8Array.of(0, 0, 0, 1)

/** The access units of one stream, in order. */
export class AccessUnits {
  readonly #format: NalFormat
  readonly #sets: ParameterSets

  /** @param sets parameter sets that are known from elsewhere. */
  constructor(format: NalFormat, sets: readonly Uint8Array[] = []) {
    this.#format = format
    this.#sets = new ParameterSets(format.parameterSets)
    this.#sets.learn(this.#typed(sets))
  }

  /** The access unit of these NAL units in Annex B format, with start codes of four bytes. It is a copy. */
  join(units: readonly Uint8Array[], keyframe: boolean): Uint8Array {
    const typed = this.#typed(units)
    this.#sets.learn(typed)
    if (keyframe) this.#sets.complete(typed)
    const parts = typed.flatMap((unit) => [START_CODE, ...unit.parts])
    return joinBytes(parts, Number.POSITIVE_INFINITY) as Uint8Array
  }

  #typed(units: readonly Uint8Array[]) {
    return units.map((unit) => ({ type: this.#format.typeOf(unit), parts: [unit] }))
  }
}
