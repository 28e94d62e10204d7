/** Typed events over eventemitter3, with listeners that cannot break the emitter. */
import { EventEmitter } from 'eventemitter3'
import { createLog } from './log.js'

const log = createLog('events')

/** Events by name: the listener's arguments as a tuple. */
export type EventMap = Record<string, unknown[]>

type Listener<Args extends unknown[]> = (...args: Args) => void

/** What `once` puts around a listener; it remembers it, so that `off` finds it. */
interface OnceListener {
  (...args: unknown[]): void
  readonly wrapped?: unknown
}

/**
 * An emitter whose events and arguments are checked by the compiler.
 *
 * A listener that throws is logged and does not stop the other listeners, nor the code that emits.
 */
export class TypedEmitter<Events extends EventMap> {
  readonly #emitter = new EventEmitter()

  /** Calls `listener` at every `event`; returns the way to stop. */
  on<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    this.#emitter.on(event, listener)
    return () => {
      this.#emitter.off(event, listener)
    }
  }

  /** Calls `listener` at the next `event` only; returns the way to stop before. */
  once<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): () => void {
    const stop = (): void => {
      this.#emitter.off(event, once)
    }
    const once = Object.assign(
      (...args: Events[Name]) => {
        stop()
        listener(...args)
      },
      { wrapped: listener },
    )
    this.#emitter.on(event, once)
    return stop
  }

  /** Stops calling `listener` at `event`. */
  off<Name extends keyof Events & string>(event: Name, listener: Listener<Events[Name]>): void {
    for (const added of this.#emitter.listeners(event) as OnceListener[]) {
      if (added === listener || added.wrapped === listener) this.#emitter.off(event, added)
    }
  }

  /** How many listeners `event` has. */
  listenerCount(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event)
  }

  /** @internal */
  emit<Name extends keyof Events & string>(event: Name, ...args: Events[Name]): void {
    for (const listener of this.#emitter.listeners(event)) {
      try {
        ;(listener as (...args: unknown[]) => void)(...args)
      } catch (error) {
        log('listener of %s threw: %O', event, error)
      }
    }
  }

  /** @internal */
  removeAllListeners(): void {
    this.#emitter.removeAllListeners()
  }
}
