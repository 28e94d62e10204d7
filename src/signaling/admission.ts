/** How an HTTP adapter gets leave for what a request wants: one call before an offer, one before anything at a session. */
import type { SessionRole, SignalingContext } from '../broadcast/signaling-target.js'
import type { AdapterConfig } from './adapter-options.js'
import { type AuthorizationRequest, askAuthorization, type Grant, unauthorized } from './authorization.js'
import { bearerToken } from './bearer-token.js'
import { type HttpRequest, requestUrl } from './http-request.js'

/** What somebody wants to open. */
export interface WantedSession {
  readonly action: 'publish' | 'view'
  readonly broadcast: string
  /** The publisher's name, if it gives one. */
  readonly as?: string | null | undefined
}

/** A session that there is, as far as the hook is told of it. */
export interface AdmittedSession {
  readonly id: string
  readonly role: SessionRole
  readonly broadcast: string
}

/**
 * Asks whether `request` may open a session, and resolves to what goes with the offer: what was asked for, what the grant limits, and the
 * client's address. Rejects with `unauthorized`, `forbidden`, `request-invalid` (several tokens), or what the hook throws.
 */
export async function admitOffer(
  request: HttpRequest,
  config: AdapterConfig,
  wanted: WantedSession,
): Promise<SignalingContext> {
  const asked = authorizationRequest(request, config, wanted)
  const grant = await askAuthorization(config.authorize, asked)
  return offerContext(asked, grant)
}

/**
 * Asks whether `request` may do something to `session`, unless the adapter takes the session's URL for proof enough
 * (`sessionAccess: 'url'`). Rejects as {@link admitOffer} does.
 */
export async function admitToSession(
  request: HttpRequest,
  config: AdapterConfig,
  session: AdmittedSession,
): Promise<void> {
  if (config.authorize === undefined || config.sessionAccess === 'url') return
  const { id, role, broadcast } = session
  const asked = authorizationRequest(request, config, { action: 'session', broadcast, sessionId: id, role })
  await askAuthorization(config.authorize, asked)
}

/** What goes with an offer that `grant` permits. Throws `unauthorized` if the grant is over already. */
export function offerContext(asked: AuthorizationRequest, grant: Grant): SignalingContext {
  const { broadcast, address } = asked
  const { maxBitrateBps, maxViewers, layer, publishers, roles, metadata } = grant
  const as = grant.as ?? asked.as
  const expiresAt = grant.expiresAt === undefined ? undefined : Number(grant.expiresAt)
  if (expiresAt !== undefined && expiresAt <= Date.now()) throw unauthorized(asked.token)
  return {
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(as === undefined ? {} : { as }),
    ...(address === undefined ? {} : { address }),
    ...(maxBitrateBps === undefined ? {} : { maxBitrateBps }),
    ...(maxViewers === undefined ? {} : { maxViewers }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(layer === undefined ? {} : { layer }),
    ...(publishers === undefined ? {} : { publishers }),
    ...(roles === undefined ? {} : { roles }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

type Wanted = Pick<AuthorizationRequest, 'action'> & {
  readonly broadcast?: string | undefined
  readonly as?: string | null | undefined
  readonly sessionId?: string
  readonly role?: SessionRole
}

/** What the hook is asked about a Fetch request. Throws `request-invalid`. */
export function authorizationRequest(
  request: HttpRequest,
  config: AdapterConfig,
  wanted: Wanted,
): AuthorizationRequest {
  return {
    action: wanted.action,
    broadcast: wanted.broadcast,
    as: wanted.as ?? undefined,
    sessionId: wanted.sessionId,
    role: wanted.role,
    token: bearerToken(request, config.tokenParameter),
    address: config.clientAddress(request),
    header: (name) => request.headers.get(name) ?? undefined,
    parameter: (name) => requestUrl(request).searchParams.get(name) ?? undefined,
  }
}
