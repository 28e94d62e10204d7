/** Short-lived TURN credentials that need no contact to the TURN server (draft-uberti-behave-turn-rest-00). */
import { createHmac } from 'node:crypto'
import { BroadcastError } from '../../errors.js'
import { integerOption } from '../../util/options.js'
import type { IceServer } from './ice-server.js'

/** Options of {@link turnRestServer}. */
export interface TurnRestOptions {
  /** The `turn:` and `turns:` URLs that share the secret. */
  readonly urls: string | readonly string[]
  /** What the TURN server knows, too: `static-auth-secret` of coturn. */
  readonly secret: string
  /** How long the credentials are good, in seconds; default 3600. */
  readonly ttlSeconds?: number | undefined
  /** Who gets them, for the TURN server's log; default nobody in particular. */
  readonly user?: string | undefined
}

/**
 * A TURN server with credentials of its own for each call: the user name is the time of their end and `user`, the password is the
 * HMAC-SHA1 of that name under the secret. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * whipWhep(sfu, { iceServers: () => [turnRestServer({ urls: 'turn:turn.example.org', secret })] })
 * ```
 */
export function turnRestServer(options: TurnRestOptions): IceServer {
  const { urls, secret, user } = options
  if (typeof secret !== 'string' || secret === '') {
    throw new BroadcastError('option-invalid', 'option secret: expected the secret of the TURN server', {
      details: { option: 'secret' },
    })
  }
  const ttlSeconds = integerOption('ttlSeconds', options.ttlSeconds, 3600, 1, 31_536_000)
  const expiry = Math.floor(Date.now() / 1000) + ttlSeconds
  const username = user === undefined ? String(expiry) : `${expiry}:${user}`
  return { urls, username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}
