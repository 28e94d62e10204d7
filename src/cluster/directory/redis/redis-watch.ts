/** Listens to changes of origins over a connection of its own, for as long as somebody wants to hear of them. */
import type { TimerHost } from '../../../util/clock.js'
import { createLog, printable } from '../../../util/log.js'
import type { OriginsListener } from '../../types.js'
import type { RedisFace, RedisSubscription } from './redis-face.js'

const log = createLog('cluster')

/** How long it waits before it tries to listen again, where the client does not do that itself. */
const RETRY_MS = 1000

/** The listeners of a directory. */
export class RedisWatch {
  readonly #face: RedisFace
  readonly #channel: string
  readonly #timers: TimerHost
  readonly #listeners = new Set<OriginsListener>()
  #subscription: RedisSubscription | undefined
  #stopRetry: (() => void) | undefined

  constructor(face: RedisFace, channel: string, timers: TimerHost) {
    this.#face = face
    this.#channel = channel
    this.#timers = timers
  }

  /** Calls `listener` with the names that come; returns the way to stop. */
  add(listener: OriginsListener): () => void {
    // The same function may listen twice.
    const own: OriginsListener = (broadcast) => listener(broadcast)
    this.#listeners.add(own)
    if (this.#listeners.size === 1) this.#listen()
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop()
    }
  }

  /** Forgets all listeners. */
  close(): void {
    this.#listeners.clear()
    this.#stop()
  }

  #listen(): void {
    const subscription = this.#face.listen(this.#channel, {
      onMessage: (message) => this.#tell(message),
      onError: (error) => log('the connection that listens: %s', printable(String(error))),
    })
    this.#subscription = subscription
    subscription.started.catch((error: unknown) => {
      log('cannot listen for origins: %s', printable(String(error)))
      if (this.#subscription !== subscription) return
      this.#stop()
      this.#stopRetry = this.#timers.setTimer(RETRY_MS, () => this.#listen())
    })
  }

  #stop(): void {
    this.#stopRetry?.()
    this.#stopRetry = undefined
    this.#subscription?.close()
    this.#subscription = undefined
  }

  #tell(broadcast: string): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(broadcast)
      } catch (error) {
        log('a listener for origins threw: %O', error)
      }
    }
  }
}
