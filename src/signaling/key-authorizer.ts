/** Authorization by keys that do not change: a stream key for publishers, perhaps one for viewers. */
import { BroadcastError } from '../errors.js'
import { type Authorize, unauthorized } from './authorization.js'
import { keyMatch } from './key-match.js'

/** Options of {@link keyAuthorizer}. */
export interface KeyAuthorizerOptions {
  /** The bearer token that publishers need; at least 16 characters. Default everybody may publish. */
  readonly publish?: string | undefined
  /** The bearer token that viewers need; at least 16 characters. Default everybody may view. */
  readonly view?: string | undefined
}

/**
 * An `authorize` function for keys that everybody who may publish, or view, shares. It permits nothing to administrators. Throws
 * `option-invalid`.
 *
 * @example
 * ```ts
 * const handler = whipWhep(sfu, { authorize: keyAuthorizer({ publish: process.env.STREAM_KEY }) })
 * ```
 */
export function keyAuthorizer(options: KeyAuthorizerOptions): Authorize {
  const matches = {
    publisher: options.publish === undefined ? undefined : keyMatch('publish', options.publish),
    viewer: options.view === undefined ? undefined : keyMatch('view', options.view),
  }
  return ({ action, role, token }) => {
    if (action === 'admin') throw new BroadcastError('forbidden', 'there is a key of its own for this')
    const match = matches[action === 'publish' ? 'publisher' : action === 'view' ? 'viewer' : (role ?? 'publisher')]
    if (match === undefined || match(token)) return {}
    throw unauthorized(token)
  }
}
