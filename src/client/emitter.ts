/** Typed events, without a dependency. */

/** Events by name: the listener's arguments as a tuple. */
export type EventMap = Record<string, unknown[]>

/** An emitter whose events and arguments are checked by the compiler. */
export class Emitter<Events extends EventMap> {
  readonly #target = new EventTarget()

  /** Calls `listener` at every `event`; returns the way to stop. One that throws is reported to the page and disturbs nobody else. */
  on<Name extends keyof Events & string>(event: Name, listener: (...args: Events[Name]) => void): () => void {
    const stopping = new AbortController()
    const onEvent = (happening: Event) => listener(...(happening as CustomEvent<Events[Name]>).detail)
    this.#target.addEventListener(event, onEvent, stopping)
    return () => stopping.abort()
  }

  /** @internal */
  emit<Name extends keyof Events & string>(event: Name, ...detail: Events[Name]): void {
    this.#target.dispatchEvent(new CustomEvent(event, { detail }))
  }
}
