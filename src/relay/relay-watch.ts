/**
 * Whether the other side of a relay is alive. Consent freshness takes half a minute to find that out; here two seconds of silence are enough to ask the
 * server over HTTP.
 */
import type { RelayConfig } from './relay-options.js'
import type { SessionLook } from './relay-resource.js'
import type { RelaySession } from './relay-target.js'

/** What it needs. */
export interface RelayWatchOptions {
  readonly config: Pick<RelayConfig, 'silenceMs' | 'checkIntervalMs' | 'requestTimeoutMs' | 'time'>
  readonly session: Pick<RelaySession, 'stats'>
  readonly resource: { look(timeoutMs: number): Promise<SessionLook> }
  /** The server does not know the session any more, or is gone itself. The last word. */
  onGone(why: string): void
  /** The server may have gone: there is reason to believe it, and it does not answer. Media may come all the same. */
  onDoubt(): void
  /** The server knows the session; with its path, if it says it. */
  onThere(path: readonly string[] | undefined): void
}

/** Looks at how much a silence is in so many steps. */
const LOOKS_PER_SILENCE = 4

/** See the top of the file. */
export class RelayWatch {
  readonly #options: RelayWatchOptions
  #cancel: () => void = () => {}
  #packets: number | undefined
  #heardMs: number
  #askedMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #isStopped = false

  constructor(options: RelayWatchOptions) {
    this.#options = options
    this.#heardMs = options.config.time.nowMs()
    this.#arm()
  }

  /** Asks the server now: there is reason to believe that it has gone. */
  suspect(): void {
    void this.#ask(true)
  }

  /** Ends it. Idempotent. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  #arm(): void {
    const { time, silenceMs } = this.#options.config
    this.#cancel = time.setTimer(silenceMs / LOOKS_PER_SILENCE, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { config, session } = this.#options
    const stats = await session.stats().catch(() => undefined)
    if (this.#isStopped) return
    this.#arm()
    const nowMs = config.time.nowMs()
    const packets = stats?.transport?.packetsIn
    if (packets === undefined || packets !== this.#packets) this.#heardMs = nowMs
    this.#packets = packets
    const sinceAskedMs = nowMs - this.#askedMs
    if (sinceAskedMs >= config.checkIntervalMs || (this.#isSilent() && sinceAskedMs >= config.silenceMs)) {
      void this.#ask(false)
    }
  }

  #isSilent(): boolean {
    const { silenceMs, time } = this.#options.config
    return time.nowMs() - this.#heardMs >= silenceMs
  }

  async #ask(isSuspect: boolean): Promise<void> {
    if (this.#isAsking || this.#isStopped) return
    const { config, resource } = this.#options
    this.#isAsking = true
    this.#askedMs = config.time.nowMs()
    // Who is silent and does not answer for as long is as good as gone.
    const { isThere, path } = await resource.look(Math.min(config.silenceMs, config.requestTimeoutMs))
    this.#isAsking = false
    if (this.#isStopped) return
    if (isThere === false) this.#gone('the other server does not know the session any more')
    else if (isThere) this.#options.onThere(path)
    else if (this.#isSilent()) this.#gone('nothing comes from the other server, and it does not answer')
    else if (isSuspect) this.#options.onDoubt()
  }

  #gone(why: string): void {
    this.stop()
    this.#options.onGone(why)
  }
}
