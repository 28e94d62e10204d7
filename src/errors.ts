/**
 * Everything a caller can be told went wrong: one error class, one table of codes.
 *
 * Packets from the network never end up here; they are counted (see `docs/limits.md`).
 */

interface ErrorCodeEntry {
  /** What the code means, in one sentence; the text of `docs/errors.md`. */
  readonly meaning: string
  /** The HTTP status that the signaling adapters answer with. */
  readonly httpStatus: number
}

/** The table of codes. `docs/errors.md` lists the same ones; a test keeps them in step. */
export const ERROR_CODES = {
  'option-invalid': { meaning: 'An option has the wrong type or lies outside its range.', httpStatus: 500 },
  'package-missing': { meaning: 'An optional package that this needs is not installed.', httpStatus: 500 },
  'request-invalid': { meaning: 'A signaling request is not what the endpoint takes.', httpStatus: 400 },
  'request-too-large': { meaning: 'A signaling request body is larger than the limit.', httpStatus: 413 },
  'request-timeout': { meaning: 'A signaling request body did not arrive in time.', httpStatus: 408 },
  'media-type-unsupported': { meaning: 'The body has a media type that the endpoint does not take.', httpStatus: 415 },
  'method-not-allowed': { meaning: 'The endpoint does not know the request method.', httpStatus: 405 },
  unauthorized: { meaning: 'The request has no token, or none that counts.', httpStatus: 401 },
  forbidden: { meaning: 'The request has a token, which does not permit this.', httpStatus: 403 },
  'rate-limited': { meaning: 'Requests come too fast; `details.limit` names the limit.', httpStatus: 429 },
  'precondition-required': {
    meaning: 'The request must say by If-Match which ICE session it is for.',
    httpStatus: 428,
  },
  'precondition-failed': { meaning: 'The request is for another ICE session than the present one.', httpStatus: 412 },
  'sdp-invalid': {
    meaning: 'The text is not a session description; `details.line` is the line at fault.',
    httpStatus: 400,
  },
  'sdp-unsupported': { meaning: 'The session description asks for something that cannot be served.', httpStatus: 422 },
  'direction-mismatch': {
    meaning: 'A publisher offers (or answers) nothing to send, or a viewer nothing to receive.',
    httpStatus: 422,
  },
  'codec-unsupported': { meaning: 'A media section has no codec that can be forwarded.', httpStatus: 422 },
  'file-unreadable': { meaning: 'A media file cannot be opened or read; `details.path` names it.', httpStatus: 500 },
  'track-unsupported': {
    meaning: 'A track of a media file cannot be carried by WebRTC; `details.codec` says what it is.',
    httpStatus: 500,
  },
  'ice-mismatch': {
    meaning: 'The ICE credentials of a fragment are neither those of the session nor new ones.',
    httpStatus: 422,
  },
  'publisher-exists': { meaning: 'The broadcast has a publisher and its policy is to keep it.', httpStatus: 409 },
  'not-live': { meaning: 'Nobody publishes to the broadcast, and the request wants a publisher.', httpStatus: 409 },
  'limit-reached': { meaning: 'A configured limit is reached; `details.limit` names it.', httpStatus: 503 },
  overloaded: { meaning: 'The server has too much to do for another session; see `sfu.load()`.', httpStatus: 503 },
  draining: { meaning: 'The Sfu is going down and takes no more sessions.', httpStatus: 503 },
  'directory-unavailable': {
    meaning: 'The directory of the cluster cannot be asked right now; what runs goes on.',
    httpStatus: 503,
  },
  'broadcast-not-found': { meaning: 'No broadcast of that name exists.', httpStatus: 404 },
  'session-not-found': { meaning: 'No session of that id exists.', httpStatus: 404 },
  redirected: { meaning: 'Another node of the cluster takes the request; `details.url` says which.', httpStatus: 307 },
  'relay-refused': {
    meaning:
      'The other server of a relay does not take it; `details.status` is its HTTP status, `details.code` its own code.',
    httpStatus: 502,
  },
  'relay-unreachable': {
    meaning: 'The other server of a relay does not answer, or with nothing that can be understood.',
    httpStatus: 502,
  },
  'relay-lost': {
    meaning: 'The session of a relay has ended on the other server, or its media have.',
    httpStatus: 502,
  },
  'relay-loop': { meaning: 'The relay would feed itself; `details.path` names the nodes.', httpStatus: 508 },
  'relay-too-deep': {
    meaning: 'The media come through more nodes than `maxRelayDepth` allows; `details.path` names them.',
    httpStatus: 508,
  },
  closed: { meaning: 'The Sfu, broadcast or session is closed.', httpStatus: 410 },
  'socket-failed': { meaning: 'The media port cannot be opened.', httpStatus: 500 },
  'native-unavailable': {
    meaning: 'The native path is required and not possible; `details.reason` says why.',
    httpStatus: 500,
  },
  'host-unresolved': { meaning: 'A host name that is to be announced has no address.', httpStatus: 500 },
  'recording-failed': {
    meaning: 'A recording cannot be written; `details.cause` is the code of the system.',
    httpStatus: 500,
  },
  'engine-failed': { meaning: 'The engine thread that served the request failed.', httpStatus: 500 },
  'internal-error': { meaning: 'A defect in manycast; the affected peer was closed.', httpStatus: 500 },
} as const satisfies Record<string, ErrorCodeEntry>

/** One of the codes in {@link ERROR_CODES}. */
export type BroadcastErrorCode = keyof typeof ERROR_CODES

/** A {@link BroadcastError} as a plain value that crosses threads and JSON. */
export interface BroadcastErrorJson {
  readonly code: BroadcastErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * The only error class that manycast throws or rejects with.
 *
 * @example
 * ```ts
 * try {
 *   await broadcast.addViewer(offer)
 * } catch (error) {
 *   if (error instanceof BroadcastError && error.code === 'sdp-invalid') console.log(error.details.line)
 * }
 * ```
 */
export class BroadcastError extends Error {
  override readonly name = 'BroadcastError'
  /** What went wrong, for programs. */
  readonly code: BroadcastErrorCode
  /** Facts about it, plain values; which ones depends on the code. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: BroadcastErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** The HTTP status an adapter answers with for this error. */
  get httpStatus(): number {
    return ERROR_CODES[this.code].httpStatus
  }

  /** The error as a plain value, without stack and cause. */
  toJSON(): BroadcastErrorJson {
    return { code: this.code, message: this.message, details: this.details }
  }

  /** The error that {@link BroadcastError.toJSON} described. */
  static fromJSON(json: BroadcastErrorJson): BroadcastError {
    return new BroadcastError(json.code, json.message, { details: json.details })
  }

  /** `error` itself if it is a BroadcastError, else an `internal-error` caused by it. */
  static from(error: unknown): BroadcastError {
    if (error instanceof BroadcastError) return error
    const text = error instanceof Error ? error.message : String(error)
    return new BroadcastError('internal-error', `internal error: ${text}`, { cause: error })
  }
}
