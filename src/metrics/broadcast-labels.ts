/** Which broadcasts are told of by name, so that the number of series stays bounded. */

/** What all broadcasts without a place of their own are told of under. A broadcast of that very name is one of them. */
export const OTHER_BROADCASTS = '(other)'

/** A broadcast that there is. */
export interface LabelCandidate {
  readonly name: string
  readonly sessions: number
}

/** Hands out places. Who has one keeps it until it is gone; a free one goes to the broadcast with the most sessions. */
export class BroadcastLabels {
  readonly #names = new Set<string>()

  constructor(readonly max: number) {}

  /** Brings the places in line with the broadcasts there are. Returns the names that have lost theirs. */
  assign(present: readonly LabelCandidate[]): readonly string[] {
    const there = new Set(present.map(({ name }) => name))
    const gone = [...this.#names].filter((name) => !there.has(name))
    for (const name of gone) this.#names.delete(name)
    const room = this.max - this.#names.size
    if (room === 0) return gone
    const waiting = present.filter(({ name }) => name !== OTHER_BROADCASTS && !this.#names.has(name))
    if (waiting.length > room) waiting.sort((a, b) => b.sessions - a.sessions)
    for (const { name } of waiting.slice(0, room)) this.#names.add(name)
    return gone
  }

  /** Those with a place. */
  get names(): ReadonlySet<string> {
    return this.#names
  }
}
