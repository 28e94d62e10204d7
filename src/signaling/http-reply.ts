/** What the adapters answer with: a reply that can be written to a socket as it is, or become a Fetch `Response`. */

/** What a reply can carry. */
export type ReplyBody = string | ReadableStream<Uint8Array> | null

/** Header fields by their names in lower case. */
export class ReplyHeaders {
  readonly #fields: Map<string, string>

  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = new Map(Object.entries(fields))
  }

  /** The value of `name`, or null. */
  get(name: string): string | null {
    return this.#fields.get(name) ?? null
  }

  /** Sets `name`, in place of what there was. */
  set(name: string, value: string): void {
    this.#fields.set(name, value)
  }

  /** Adds a value to the list that `name` is (RFC 9110, section 5.3). */
  append(name: string, value: string): void {
    const before = this.#fields.get(name)
    this.#fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#fields.entries()
  }
}

/** See the top of the file. */
export class HttpReply {
  readonly headers: ReplyHeaders

  constructor(
    readonly status: number,
    readonly body: ReplyBody,
    headers: Readonly<Record<string, string>>,
  ) {
    this.headers = new ReplyHeaders(headers)
  }

  /** The same for a caller who speaks Fetch. */
  toResponse(): Response {
    return new Response(this.body, { status: this.status, headers: [...this.headers] })
  }
}
