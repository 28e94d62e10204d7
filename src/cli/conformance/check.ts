/** One line of the checklist: what a server must do, where that is written, and how to find out. */
import type { TestedServer } from './tested-server.js'

/** How binding it is (RFC 2119). */
export type CheckLevel = 'MUST' | 'SHOULD'

/** See the top of the file. */
export interface Check {
  /** Unique: the group and a name. */
  readonly id: string
  /** Such as `RFC 9725 §4.2`. */
  readonly clause: string
  readonly level: CheckLevel
  /** What the server does if it passes. */
  readonly title: string
  /** The protocol that has the rule; undefined for both. */
  readonly only?: 'whip' | 'whep'
  /** Rejects with {@link CheckFailure} or {@link CheckSkipped}. */
  run(server: TestedServer): Promise<void>
}

/** The server does not do it; the message says what it does instead. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

/** It cannot be found out here; the message says why. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped'
}

/** Throws {@link CheckFailure} unless `holds`. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new CheckFailure(otherwise)
}

/** Throws {@link CheckSkipped}. */
export function skip(why: string): never {
  throw new CheckSkipped(why)
}
