/** What a token says that its bearer may do, and the grant that follows from it. */
import type { LayerPreference } from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import type { AuthorizationRequest, Grant } from './authorization.js'

/**
 * Broadcasts by name: `true` for all, a name, or several; a name that ends in `*` stands for all that begin like it.
 */
export type BroadcastScope = boolean | string | readonly string[]

/** The claim `manycast` of a token. */
export interface TokenPermissions {
  /** Where the bearer may publish. Default nowhere. */
  readonly publish?: BroadcastScope
  /** What the bearer may view. Default nothing. */
  readonly view?: BroadcastScope
  /** Whether the bearer may do what an administrator does. Default false. */
  readonly admin?: boolean
  /** See {@link Grant}. */
  readonly as?: string
  /** See {@link Grant}. */
  readonly maxBitrateBps?: number
  /** See {@link Grant}. */
  readonly maxViewers?: number
  /** See {@link Grant}. */
  readonly layer?: LayerPreference
  /** See {@link Grant}. */
  readonly publishers?: readonly string[]
  /** See {@link Grant}. */
  readonly roles?: readonly string[]
  /** See {@link Grant}; the token's `sub` is added to it. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The grant for `request`. Throws `forbidden` if the permissions do not cover it. */
export function grantOf(permissions: TokenPermissions, request: AuthorizationRequest): Grant {
  if (!covers(permissions, request))
    throw new BroadcastError('forbidden', `the token does not permit this: ${request.action}`)
  const { as, maxBitrateBps, maxViewers, layer, publishers, roles, metadata } = permissions
  return { as, maxBitrateBps, maxViewers, layer, publishers, roles, metadata }
}

function covers(
  { publish, view, admin }: TokenPermissions,
  { action, role, broadcast }: AuthorizationRequest,
): boolean {
  switch (action) {
    case 'publish':
      return isWithin(publish, broadcast)
    case 'view':
      return isWithin(view, broadcast)
    case 'session':
      // What it takes to change a session is what it took to open it; an administrator ends any.
      return admin === true || isWithin(role === 'publisher' ? publish : view, broadcast)
    case 'admin':
      return admin === true
  }
}

function isWithin(scope: unknown, broadcast: string | undefined): boolean {
  if (scope === true || scope === '*') return true
  if (broadcast === undefined) return false
  const names: readonly unknown[] = Array.isArray(scope) ? scope : [scope]
  return names.some((name) => {
    if (typeof name !== 'string') return false
    return name.endsWith('*') ? broadcast.startsWith(name.slice(0, -1)) : broadcast === name
  })
}
