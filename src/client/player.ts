/** A media element that plays a stream under the rules of browsers: with sound only where the user has touched the page. */

/** What the browser has kept the element from: `sound`, and it plays without; or `all`, and it does not play at all. */
export type AutoplayBlock = 'sound' | 'all'

/** See the top of the file. */
export class Player {
  readonly #element: HTMLMediaElement
  readonly #tell: (blocked: AutoplayBlock) => void
  readonly #stream: MediaStream

  constructor(element: HTMLMediaElement, stream: MediaStream, tell: (blocked: AutoplayBlock) => void) {
    this.#element = element
    this.#stream = stream
    this.#tell = tell
  }

  /** Shows the stream, and plays it if that is allowed; again, if all of its tracks had ended. */
  async show(): Promise<void> {
    const element = this.#element
    if (element.srcObject !== this.#stream) element.srcObject = this.#stream
    else if (!element.ended) return
    // Without it, phones would play in full screen only.
    element.setAttribute('playsinline', '')
    if (await this.#plays()) return
    if (!element.muted) {
      element.muted = true
      if (await this.#plays()) return this.#tell('sound')
    }
    this.#tell('all')
  }

  /** Plays with sound; for listeners of a click or a key. Rejects as `play()` does. */
  async unmute(): Promise<void> {
    this.#element.muted = false
    await this.#element.play()
  }

  /** Shows nothing any more, unless the page has put something else there. */
  clear(): void {
    if (this.#element.srcObject === this.#stream) this.#element.srcObject = null
  }

  /** False if the browser does not allow it. */
  #plays(): Promise<boolean> {
    return this.#element.play().then(
      () => true,
      // Others mean that another stream has come, or that the page has paused it.
      ({ name }: DOMException) => name !== 'NotAllowedError',
    )
  }
}
