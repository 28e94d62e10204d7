/** Asks viewers how they are, a few at a time and all in turn: what it costs does not depend on how many there are. */
import type { AdminSession, SessionStats } from './dashboard-target.js'

/** Remembers whose turn it is. */
export class ViewerPoll {
  readonly #atOnce: number
  #turn = 0

  /** @param atOnce how many are asked; where there are no more, each is asked every time. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Snapshots of the next ones of the connected viewers among `sessions`; relays are none, which take every layer. */
  async ask(sessions: readonly AdminSession[]): Promise<SessionStats[]> {
    const viewers = sessions.filter((session) => {
      const { role, state, relay } = session.info()
      return role === 'viewer' && state === 'connected' && relay === undefined
    })
    const count = Math.min(this.#atOnce, viewers.length)
    const asked = Array.from({ length: count }, (_, i) => viewers[(this.#turn + i) % viewers.length] as AdminSession)
    this.#turn = viewers.length === 0 ? 0 : (this.#turn + count) % viewers.length
    const answers = await Promise.all(asked.map((session) => session.stats().catch(() => undefined)))
    return answers.flatMap((stats) => stats ?? [])
  }
}
