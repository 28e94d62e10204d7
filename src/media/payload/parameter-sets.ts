/**
 * Parameter sets are remembered, and put before the keyframes that come without them: some encoders send them only once, or only in the SDP
 * (RFC 6184, section 8.4; RFC 7798, section 7.2.4).
 */
import { BitReader } from '../codecs/bit-reader.js'
import { readRawBytes } from '../codecs/raw-bytes.js'
import type { NalUnit } from './access-unit.js'
import { joinBytes } from './join-bytes.js'

/** A longer one is not remembered. */
const MAX_SET_BYTES = 4096
/** More of a kind are not; encoders have one or two. */
const MAX_SETS = 32

/** A kind of parameter set. */
export interface ParameterSetKind {
  /** nal_unit_type. */
  readonly type: number
  /** Of the unit's header. */
  readonly headerLength: number
  /** The set's own id; of two with the same one the later counts. */
  readonly readId: (bits: BitReader) => number
}

/** What has to be known about the codec. */
export interface ParameterSetRules {
  /** In the order in which they refer to each other. */
  readonly kinds: readonly ParameterSetKind[]
  /** The one unit that comes before them. */
  readonly delimiterType: number
}

// Scratch memory of the thread, where packets are handled one at a time.
const bits = new BitReader()

/** The newest parameter sets of one track. */
export class ParameterSets {
  readonly #rules: ParameterSetRules
  /** By kind, then by id. */
  readonly #sets: readonly Map<number, NalUnit>[]

  constructor(rules: ParameterSetRules) {
    this.#rules = rules
    this.#sets = rules.kinds.map(() => new Map())
  }

  /** Remembers those of the units that are parameter sets. */
  learn(units: readonly NalUnit[]): void {
    for (const unit of units) {
      const index = this.#rules.kinds.findIndex(({ type }) => type === unit.type)
      const kind = this.#rules.kinds[index]
      const sets = this.#sets[index]
      if (kind === undefined || sets === undefined) continue
      // A copy: the unit is a view of packets that go away.
      const bytes = joinBytes(unit.parts, MAX_SET_BYTES)
      if (bytes === undefined) continue
      readRawBytes(bits, bytes, kind.headerLength, bytes.length)
      const id = kind.readId(bits)
      if (bits.failed || (!sets.has(id) && sets.size >= MAX_SETS)) continue
      sets.set(id, { type: unit.type, parts: [bytes] })
    }
  }

  /** Remembers what an SDP says: units in base64 with commas between them. What is none is passed over. */
  learnFromSdp(value: string | undefined, typeOf: (unit: Uint8Array) => number): void {
    for (const text of value?.split(',') ?? []) {
      const unit = new Uint8Array(Buffer.from(text, 'base64'))
      if (unit.length > 0) this.learn([{ type: typeOf(unit), parts: [unit] }])
    }
  }

  /** Puts the sets of each kind that the units have none of among them, where they belong; false if one of a kind has never come. */
  complete(units: NalUnit[]): boolean {
    let at = units.findLastIndex(({ type }) => type === this.#rules.delimiterType) + 1
    for (const [index, { type }] of this.#rules.kinds.entries()) {
      const last = units.findLastIndex((unit) => unit.type === type)
      if (last >= 0) {
        at = last + 1
        continue
      }
      const sets = [...(this.#sets[index]?.values() ?? [])]
      if (sets.length === 0) return false
      units.splice(at, 0, ...sets)
      at += sets.length
    }
    return true
  }
}
