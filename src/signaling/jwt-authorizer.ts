/** Authorization by signed tokens: JSON Web Tokens (RFC 7519) whose claims say what the bearer may do. */
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'
import { booleanOption, numberOption, refuseOption, stringListOption } from '../util/options.js'
import { type Authorize, unauthorized } from './authorization.js'
import { isTokenFault, type JoseLike, type JoseVerifyOptions, loadJose } from './jose.js'
import { type JwtKeyOptions, jwtKey } from './jwt-keys.js'
import { grantOf, type TokenPermissions } from './token-permissions.js'

const log = createLog('signaling')

/** The claims of a token whose signature is right. */
export type JwtClaims = Readonly<Record<string, unknown>>

/** Options of {@link jwtAuthorizer}. */
export interface JwtAuthorizerOptions extends JwtKeyOptions {
  /** Whom tokens must be for: their `aud` has to name one of these. Default anybody. */
  readonly audience?: string | readonly string[] | undefined
  /** Who must have issued them: their `iss` has to be one of these. Default anybody who has the key. */
  readonly issuer?: string | readonly string[] | undefined
  /** How far the clocks of issuer and server may be apart, in seconds; default 5, at most 300. */
  readonly clockToleranceSeconds?: number | undefined
  /** Whether tokens without `exp` are refused. Default true. */
  readonly requireExpiry?: boolean | undefined
  /** Whether a session ends with the token that opened it, with `expired`. Default false: a token is good for opening only. */
  readonly endSessionsAtExpiry?: boolean | undefined
  /** What the claims of a token permit; undefined for nothing. Default the claim `manycast`. */
  readonly claims?: ((claims: JwtClaims) => TokenPermissions | undefined) | undefined
}

/**
 * An `authorize` function that takes JSON Web Tokens. Needs the package `jose`, version 6.
 *
 * A request without a token, or with one that is not valid, is refused with 401, and one that the token does not permit with 403. Rejects with
 * `package-missing` and `option-invalid`.
 *
 * @example
 * ```ts
 * const authorize = await jwtAuthorizer({ jwks: 'https://id.example.org/jwks.json', audience: 'live.example.org' })
 * const handler = whipWhep(sfu, { authorize })
 * // claims: { "sub": "user-7", "exp": ..., "manycast": { "publish": "main-stage", "view": true, "maxBitrateBps": 2500000 } }
 * ```
 */
export function jwtAuthorizer(options: JwtAuthorizerOptions): Promise<Authorize>
/** @internal */
export function jwtAuthorizer(options: JwtAuthorizerOptions, test: JwtTestOptions): Promise<Authorize>
export async function jwtAuthorizer(options: JwtAuthorizerOptions, test: JwtTestOptions = {}): Promise<Authorize> {
  const { claims = defaultClaims } = options
  if (typeof claims !== 'function') refuseOption('claims', 'a function', claims)
  const tolerance = numberOption('clockToleranceSeconds', options.clockToleranceSeconds, 5, 0, 300)
  const endsSessions = booleanOption('endSessionsAtExpiry', options.endSessionsAtExpiry, false)
  const jose = await (test.load ?? loadJose)()
  const { key, algorithms } = jwtKey(jose, options)
  const expected: JoseVerifyOptions = {
    algorithms: [...algorithms],
    ...names('audience', options.audience),
    ...names('issuer', options.issuer),
    clockTolerance: tolerance,
    requiredClaims: booleanOption('requireExpiry', options.requireExpiry, true) ? ['exp'] : [],
  }

  return async (request) => {
    if (request.token === undefined) return undefined
    const now = test.now === undefined ? {} : { currentDate: test.now() }
    let payload: JwtClaims
    try {
      payload = (await jose.jwtVerify(request.token, key, { ...expected, ...now })).payload
    } catch (error) {
      if (!isTokenFault(error))
        throw new BroadcastError('internal-error', 'the token cannot be verified', { cause: error })
      log('token refused: %s', error instanceof Error ? error.message : error)
      throw unauthorized(request.token)
    }
    const { sub, exp } = payload
    const grant = grantOf(claims(payload) ?? {}, request)
    return {
      ...grant,
      metadata: { ...(typeof sub === 'string' ? { sub } : {}), ...grant.metadata },
      // As long as the token itself would be taken.
      ...(endsSessions && typeof exp === 'number' ? { expiresAt: (exp + tolerance) * 1000 } : {}),
    }
  }
}

/** What tests put in place of the package and the clock. */
interface JwtTestOptions {
  readonly load?: () => Promise<JoseLike>
  readonly now?: () => Date
}

function defaultClaims({ manycast }: JwtClaims): TokenPermissions | undefined {
  return typeof manycast === 'object' && manycast !== null ? manycast : undefined
}

function names<Name extends 'audience' | 'issuer'>(name: Name, value: unknown): { readonly [key in Name]?: string[] } {
  if (value === undefined) return {}
  const list = stringListOption(name, value, [], 'a text, or a list of texts', (text) => text !== '')
  // An empty list would be taken for no condition at all.
  if (list.length === 0) refuseOption(name, 'at least one text', value)
  return { [name]: [...list] } as { readonly [key in Name]?: string[] }
}
