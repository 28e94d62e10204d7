/** A wish to be connected elsewhere, and what becomes of it. */
import type { BroadcastError } from '../errors.js'

/** See the top of the file. */
export class RelaySwitch {
  readonly to: URL
  /** Settles when it is known. */
  readonly done: Promise<void>
  #resolve: () => void = () => {}
  #reject: (error: BroadcastError) => void = () => {}

  constructor(to: URL) {
    this.to = to
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody has to wait for it.
    this.done.catch(() => {})
  }

  succeed(): void {
    this.#resolve()
  }

  fail(error: BroadcastError): void {
    this.#reject(error)
  }
}
