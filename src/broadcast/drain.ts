/** Going down without a crowd: every client is asked, at a moment of its own, to go elsewhere. */
import { BroadcastError } from '../errors.js'
import { integerOption } from '../util/options.js'
import type { Deadline, Scheduler } from '../util/scheduler.js'
import type { Session } from './session.js'

/** Options of `sfu.drain`. */
export interface DrainOptions {
  /** What is left after so many milliseconds is closed, with `draining`. Default 30000. */
  readonly deadlineMs?: number
}

/** So many viewers are asked to go per second, if there is time enough. */
const MOVES_PER_SECOND = 50
/** So much later than the last viewer, publishers are asked: by then it is connected elsewhere, or has gone there. */
const PUBLISHERS_LATER_MS = 2000
/** By that part of the time all viewers have been asked; from the other part on, those that did not listen are closed, one after the other as well. */
const ASKED_BY = 0.5
const PUBLISHERS_ASKED_BY = 0.65
const CLOSED_FROM = 0.75

/** The milliseconds until the deadline. Throws `option-invalid`. */
export function resolveDrain({ deadlineMs }: DrainOptions): number {
  return integerOption('deadlineMs', deadlineMs, 30_000, 0, 86_400_000)
}

/** What a drain needs. */
export interface DrainHost {
  readonly scheduler: Scheduler
  /** The sessions of clients, oldest first. */
  clients(): readonly Session[]
}

/** See the top of the file. */
export class Drain {
  /** Resolves when no client is left. */
  readonly done: Promise<void>
  readonly #host: DrainHost
  readonly #deadlines: Deadline[] = []
  #finish: () => void = () => {}

  constructor(host: DrainHost, deadlineMs: number) {
    this.#host = host
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
    const clients = host.clients()
    const viewers = clients.filter(({ role }) => role === 'viewer')
    const publishers = clients.filter(({ role }) => role === 'publisher')
    const askMs = Math.min((1000 * viewers.length) / MOVES_PER_SECOND, ASKED_BY * deadlineMs)
    viewers.forEach((session, index) => {
      const place = index / viewers.length
      this.#ask(session, place * askMs)
      this.#end(session, (CLOSED_FROM + (1 - CLOSED_FROM) * place) * deadlineMs)
    })
    // Last: whoever still watches here sees them until then, and whoever has gone waits there for them.
    const lastMs = Math.min(askMs + PUBLISHERS_LATER_MS, PUBLISHERS_ASKED_BY * deadlineMs)
    for (const session of publishers) {
      this.#ask(session, lastMs)
      this.#end(session, deadlineMs)
    }
    // For what comes in spite of it, see `SignalingContext.essential`.
    this.#after(deadlineMs, () => void this.#endAll())
    this.onChange()
  }

  /** A client has come, or has gone. */
  onChange(): void {
    const clients = this.#host.clients()
    if (clients.length === 0) return this.stop()
    if (clients.every(({ role }) => role === 'publisher')) for (const session of clients) ask(session)
  }

  /** Ends it as it is. */
  stop(): void {
    for (const deadline of this.#deadlines.splice(0)) deadline.cancel()
    this.#finish()
  }

  #ask(session: Session, delayMs: number): void {
    this.#after(delayMs, () => ask(session))
  }

  #end(session: Session, delayMs: number): void {
    this.#after(delayMs, () => end(session))
  }

  async #endAll(): Promise<void> {
    await Promise.allSettled(this.#host.clients().map((session) => session.close('draining')))
    this.stop()
  }

  #after(delayMs: number, fn: () => void): void {
    this.#deadlines.push(this.#host.scheduler.after(delayMs, fn))
  }
}

/** Who cannot be asked is told by being closed: it would miss the publisher otherwise, who goes as well. */
function ask(session: Session): void {
  if (session.listenerCount('reconnect') > 0) session.askToReconnect()
  else end(session)
}

function end(session: Session): void {
  // One that fails is left to the deadline.
  session.close('draining').catch(() => {})
}

/** The error for those who come meanwhile. */
export function drainingError(): BroadcastError {
  return new BroadcastError('draining', 'the server is going down; another one takes its place')
}
