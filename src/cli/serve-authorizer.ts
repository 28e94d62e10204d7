/** Who may do what on a server of the command: by a publisher's key, by tokens, or everybody everything. */
import { readFile } from 'node:fs/promises'
import { type Authorize, type JsonWebKeySet, jwtAuthorizer, keyAuthorizer } from '../signaling/index.js'
import type { AccessArguments } from './access-arguments.js'

/** The function that the adapters ask; undefined where nothing is protected. Rejects with a message for people. */
export async function serveAuthorizer(access: AccessArguments): Promise<Authorize | undefined> {
  const byKey = access.publishKey === undefined ? undefined : keyAuthorizer({ publish: access.publishKey })
  const byToken = await tokenAuthorizer(access)
  if (byKey === undefined || byToken === undefined) return byKey ?? byToken
  // The key opens what publishers need; for all else, viewers included, it takes a token.
  return async (request) => {
    const publishes = request.action === 'publish' || request.role === 'publisher'
    const byKeyOrNot = publishes ? await settled(() => byKey(request)) : undefined
    return byKeyOrNot ?? byToken(request)
  }
}

async function tokenAuthorizer(access: AccessArguments): Promise<Authorize | undefined> {
  const { tokenSecret, jwks, tokenAudience: audience, tokenIssuer: issuer, endAtExpiry: endSessionsAtExpiry } = access
  const options = { audience, issuer, endSessionsAtExpiry }
  if (tokenSecret !== undefined) return jwtAuthorizer({ secret: tokenSecret, ...options })
  if (jwks === undefined) return undefined
  return jwtAuthorizer({ jwks: /^https?:/i.test(jwks) ? jwks : await readKeySet(jwks), ...options })
}

async function readKeySet(path: string): Promise<JsonWebKeySet> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as JsonWebKeySet
  } catch (error) {
    throw new Error(`--jwks: cannot read ${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** What it resolves to, or undefined if it refuses. */
async function settled<T>(ask: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}
