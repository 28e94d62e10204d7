/** STUN and TURN servers as WHIP and WHEP announce them: one `Link` header field each (RFC 9725, section 4.6). */
import { BroadcastError } from '../../errors.js'
import { linkHeader } from './link-header.js'

/** The shape of the browser's `RTCIceServer`. */
export interface IceServer {
  /** `stun:`, `turn:` and `turns:` URLs (RFC 7064, RFC 7065). */
  readonly urls: string | readonly string[]
  /** Of TURN. */
  readonly username?: string | undefined
  /** The password of TURN. */
  readonly credential?: string | undefined
}

const URL_FORM = /^(?:stuns?|turns?):[A-Za-z0-9.:[\]_-]+(?:\?transport=(?:udp|tcp))?$/

/** The `Link` values of `servers`, one per URL. Throws `option-invalid`. */
export function iceServerLinks(servers: readonly IceServer[]): string[] {
  return servers.flatMap(({ urls, username, credential }) => {
    return [urls].flat().map((url) => {
      if (typeof url !== 'string' || !URL_FORM.test(url)) {
        throw new BroadcastError('option-invalid', `option iceServers: ${JSON.stringify(url)} is no stun or turn URL`, {
          details: { option: 'iceServers' },
        })
      }
      const isTurn = url.startsWith('turn') && username !== undefined && credential !== undefined
      return linkHeader(url, {
        rel: 'ice-server',
        ...(isTurn ? { username, credential, 'credential-type': 'password' } : {}),
      })
    })
  })
}
