/** Requests of one socket, one after the other, and no more waiting than there is room for. */

/** What a request takes beside its text; bounds how many small ones may wait. */
const OVERHEAD_BYTES = 512

interface Waiting<Request> {
  readonly request: Request
  readonly bytes: number
}

/** Candidates must not overtake their offer, so that nothing overtakes anything. */
export class RequestQueue<Request> {
  readonly #maxBytes: number
  readonly #handle: (request: Request) => Promise<void>
  readonly #waiting: Waiting<Request>[] = []
  #bytes = 0
  #running = false

  /** @param handle must not reject. */
  constructor(maxBytes: number, handle: (request: Request) => Promise<void>) {
    this.#maxBytes = maxBytes
    this.#handle = handle
  }

  /** Bytes of what waits or is being handled. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a request; false if there is no room for it. One that is alone always has room. */
  add(request: Request, length: number): boolean {
    const bytes = length + OVERHEAD_BYTES
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) return false
    this.#bytes += bytes
    this.#waiting.push({ request, bytes })
    if (!this.#running) void this.#run()
    return true
  }

  /** Forgets what waits; what is being handled goes on. */
  clear(): void {
    for (const { bytes } of this.#waiting) this.#bytes -= bytes
    this.#waiting.length = 0
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#handle(next.request)
      this.#bytes -= next.bytes
    }
    this.#running = false
  }
}
