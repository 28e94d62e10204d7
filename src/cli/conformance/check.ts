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
  /** Rejects with `CheckFailure` or `CheckSkipped`. */
  run(server: TestedServer): Promise<void>
}
