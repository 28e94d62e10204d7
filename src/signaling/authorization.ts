/**
 * Who may do what: the hook that every adapter asks before it acts, and what it may answer.
 *
 * The hook is the application's own; adapters know neither users nor what a token means. RFC 9725, section 4.7, RFC 6750.
 */
import type { LayerPreference } from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'

const log = createLog('signaling')

/**
 * What somebody wants to do: `publish` or `view` by an offer, `session` to change or end a session that there is (PATCH, DELETE and
 * whatever else its URL takes), `admin` to look into the server and to end what others do.
 */
export type AuthorizationAction = 'publish' | 'view' | 'session' | 'admin'

/** What the hook is asked. */
export interface AuthorizationRequest {
  readonly action: AuthorizationAction
  /** The name of the broadcast; undefined where the request is about no single one. */
  readonly broadcast: string | undefined
  /** The name under which a publisher wants to publish; undefined where it gives none. */
  readonly as: string | undefined
  /** The id of the session that a `session` request is about. */
  readonly sessionId: string | undefined
  /** Whether that session publishes or views. */
  readonly role: 'publisher' | 'viewer' | undefined
  /** The bearer token: from the Authorization header (RFC 6750), or from the URL where the adapter's `tokenParameter` allows that. */
  readonly token: string | undefined
  /** The client's IP address as far as it is known; behind a proxy see `trustProxy` of `nodeHttp`. */
  readonly address: string | undefined
  /** A header of the request, whatever the case of its name; undefined if there is none. */
  header(name: string): string | undefined
  /** A parameter of the request's URL; undefined if there is none. */
  parameter(name: string): string | undefined
}

/** Permits what was asked; all of its limits are optional. The limits and what is passed on count for `publish` and `view`. */
export interface Grant {
  /** The name that a publisher gets, in place of the one it asked for. */
  readonly as?: string | undefined
  /**
   * In bits per second, 10000 to 10^9: what a publisher is asked to send at most, or what a viewer is sent at most.
   */
  readonly maxBitrateBps?: number | undefined
  /**
   * How many viewers the broadcast may have. In a viewer's grant, it is refused with `limit-reached` if there are as many; in a
   * publisher's grant, every viewer is, for as long as that publisher's session lives.
   */
  readonly maxViewers?: number | undefined
  /** When the session is ended, with `expired`: milliseconds since the Unix epoch, or a Date. */
  readonly expiresAt?: number | Date | undefined
  /** The best layer of each video that a viewer gets. */
  readonly layer?: LayerPreference | undefined
  /** The publishers that a viewer receives. Default all. */
  readonly publishers?: readonly string[] | undefined
  /** What the user is to the application; found again as `session.roles`. */
  readonly roles?: readonly string[] | undefined
  /** What the application wants to find again as `session.metadata`; plain JSON values. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Decides about a request: a grant permits it. Anything else, and whatever is thrown, refuses it with 401; a `BroadcastError` that is thrown
 * keeps its own code: `new BroadcastError('forbidden', 'this is not your broadcast')` is answered with 403.
 *
 * @example
 * ```ts
 * const authorize: Authorize = async ({ action, broadcast, token }) => {
 *   const user = await users.byToken(token)
 *   if (user === undefined) return undefined
 *   if (action === 'publish' && !user.owns(broadcast)) throw new BroadcastError('forbidden', 'not your broadcast')
 *   return { metadata: { user: user.id }, maxBitrateBps: user.plan.maxBitrateBps }
 * }
 * ```
 */
export type Authorize = (
  request: AuthorizationRequest,
) => Grant | undefined | null | false | Promise<Grant | undefined | null | false>

/** The grant for `request`; an empty one where there is no hook. Rejects with `unauthorized` or the `BroadcastError` that the hook has thrown. */
export async function askAuthorization(
  authorize: Authorize | undefined,
  request: AuthorizationRequest,
): Promise<Grant> {
  if (authorize === undefined) return {}
  let grant: Awaited<ReturnType<Authorize>>
  try {
    grant = await authorize(request)
  } catch (error) {
    if (error instanceof BroadcastError) throw error
    // Why a token is not taken is the application's business; whoever sent it learns only that it is not.
    log('authorize threw for %s: %O', request.action, error)
    throw unauthorized(request.token)
  }
  if (typeof grant !== 'object' || grant === null) throw unauthorized(request.token)
  return grant
}

/** The error of a request without a token that counts; `details.error` is the code of RFC 6750, section 3.1, which is for requests with one. */
export function unauthorized(token: string | undefined): BroadcastError {
  if (token === undefined) return new BroadcastError('unauthorized', 'a bearer token is needed')
  return new BroadcastError('unauthorized', 'the token is not valid here', { details: { error: 'invalid_token' } })
}
