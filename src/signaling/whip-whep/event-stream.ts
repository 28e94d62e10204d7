/**
 * One stream of server-sent events (HTML standard, section 9.2): the newest of each kind, to whoever reads it now.
 *
 * What it carries are states, not happenings. So nothing queues up for a reader that is slow or away: it gets the newest of each kind
 * when it is ready, and one that comes back gets all that holds then.
 */

/** The events of WHEP's extension that are told. */
export type WhepEventName = 'active' | 'inactive' | 'layers' | 'viewercount' | 'reconnect'

/** So much may wait in front of a reader; what comes on top waits here, the newest of each kind. */
const HIGH_WATER_BYTES = 16 * 1024
/** When a browser reads again after its connection was lost. It also makes the headers go out at once. */
const PREAMBLE = 'retry: 2000\n\n'
const COMMENT = ':\n\n'

const encoder = new TextEncoder()

type Reader = ReadableStreamDefaultController<Uint8Array>

/** See the top of the file. */
export class EventStream {
  readonly #wanted: ReadonlySet<WhepEventName>
  /** What holds, as JSON, oldest first. */
  readonly #state = new Map<WhepEventName, string>()
  /** What the reader has not got yet. */
  readonly #due = new Set<WhepEventName>()
  #reader: Reader | undefined

  /**
   * @param wanted the events that are told; others are passed over.
   * @param onReader the reader has come, or has gone.
   */
  constructor(
    wanted: ReadonlySet<WhepEventName>,
    private readonly onReader: (isThere: boolean) => void = () => {},
  ) {
    this.#wanted = wanted
  }

  /** Whether `event` is one of those that are told. */
  wants(event: WhepEventName): boolean {
    return this.#wanted.has(event)
  }

  /** The text from now on, beginning with what holds. Whoever read before is cut off: it is the same client, come back. */
  read(): ReadableStream<Uint8Array> {
    this.#release()?.close()
    let own: Reader | undefined
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          own = controller
          this.#reader = controller
          for (const event of this.#state.keys()) this.#due.add(event)
          controller.enqueue(encoder.encode(PREAMBLE))
          this.#flush()
          this.onReader(true)
        },
        pull: () => this.#flush(),
        cancel: () => {
          if (this.#reader === own) this.#release()
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
    )
  }

  /** `event` holds from now on, with `data`, and `instead` holds no more. */
  tell(event: WhepEventName, data: object, instead?: WhepEventName): void {
    if (instead !== undefined) {
      this.#state.delete(instead)
      this.#due.delete(instead)
    }
    if (!this.wants(event)) return
    for (const set of [this.#state, this.#due]) set.delete(event)
    this.#state.set(event, JSON.stringify(data))
    this.#due.add(event)
    this.#flush()
  }

  /** Shows the reader, and everything in between, that the stream is alive. */
  beat(): void {
    if (this.#reader && (this.#reader.desiredSize ?? 0) > 0) this.#reader.enqueue(encoder.encode(COMMENT))
  }

  /** Ends it, after all that was told. */
  close(): void {
    const reader = this.#reader
    // At most one of each kind: so much is waited for.
    if (reader) for (const event of this.#due) this.#send(reader, event)
    this.#due.clear()
    this.#release()?.close()
  }

  #flush(): void {
    const reader = this.#reader
    if (!reader) return
    for (const event of this.#due) {
      if ((reader.desiredSize ?? 0) <= 0) return
      this.#due.delete(event)
      this.#send(reader, event)
    }
  }

  #send(reader: Reader, event: WhepEventName): void {
    reader.enqueue(encoder.encode(`event: ${event}\ndata: ${this.#state.get(event) ?? '{}'}\n\n`))
  }

  #release(): Reader | undefined {
    const reader = this.#reader
    this.#reader = undefined
    if (reader) this.onReader(false)
    return reader
  }
}
