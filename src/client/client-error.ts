/** What the client can be told went wrong. */

/** Facts about a {@link ClientError}. */
export interface ClientErrorFacts {
  /** The HTTP status, where the server has refused a request. */
  readonly status?: number | undefined
  /** What the server adds to its code, such as `limit` of `limit-reached`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** After which time the server wants to be asked again, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/**
 * The error that the client's methods reject with, and that its events carry.
 *
 * `code` is the server's own where it tells one (problem+json of RFC 9457 with a `code`; a manycast server's are in `docs/errors.md`), else one of:
 *
 * - `unreachable`: a request got no answer
 * - `refused`: the server has refused a request; see `status`
 * - `timeout`: the server has answered, but the media found no way, or not in time
 * - `lost`: the media have stopped coming, or the server knows the session no more
 * - `ended`: the server has said goodbye
 * - `token-failed`: the option `token` is a function, and it has failed
 * - `unsupported`: the server, or the browser, cannot do that
 * - `failed`: the browser has refused an option, or the server's answer; see `cause`
 * - `closed`: the session was closed by this page
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  /** What went wrong, see above. */
  declare readonly code: string
  /** The HTTP status, where the server has refused a request. */
  declare readonly status: number | undefined
  /** What the server adds to its code. */
  declare readonly details: Readonly<Record<string, unknown>> | undefined
  /** After which time the server wants to be asked again. */
  declare readonly retryAfterMs: number | undefined

  constructor(code: string, message: string, facts?: ClientErrorFacts) {
    super(message)
    Object.assign(this, { code }, facts)
  }

  /** `error` itself if it is a ClientError, else a `failed` caused by it. */
  static from(error: unknown): ClientError {
    return error instanceof ClientError ? error : new ClientError('failed', String(error), { cause: error })
  }
}
