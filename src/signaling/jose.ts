/** The one place that knows the package `jose`, an optional peer dependency: whoever signs users in by tokens installs it. */
import { BroadcastError } from '../errors.js'

/** A key, or what finds one by a token's header. */
export type JoseKey = unknown

/** What is asked of a token beyond its signature; the options of `jwtVerify`. */
export interface JoseVerifyOptions {
  readonly algorithms: string[]
  readonly audience?: string[]
  readonly issuer?: string[]
  readonly clockTolerance: number
  readonly requiredClaims: string[]
  readonly currentDate?: Date
}

/** As much of `jose` as is used. */
export interface JoseLike {
  jwtVerify(
    token: string,
    key: JoseKey,
    options: JoseVerifyOptions,
  ): Promise<{ readonly payload: Readonly<Record<string, unknown>> }>
  createRemoteJWKSet(url: URL): JoseKey
  createLocalJWKSet(jwks: { keys: object[] }): JoseKey
}

/** Loads it. Rejects with `package-missing`. */
export async function loadJose(load: () => Promise<unknown> = () => import('jose')): Promise<JoseLike> {
  try {
    return (await load()) as JoseLike
  } catch (cause) {
    throw new BroadcastError('package-missing', 'jwtAuthorizer needs the package "jose": npm install jose', {
      details: { package: 'jose' },
      cause,
    })
  }
}

/** Those of its errors that are about the token; all others are about us, such as keys that cannot be fetched. */
const TOKEN_FAULT =
  /^ERR_(?:JWT_|JWS_|JOSE_ALG_NOT_ALLOWED$|JOSE_NOT_SUPPORTED$|JWKS_NO_MATCHING_KEY$|JWKS_MULTIPLE_MATCHING_KEYS$)/

/** Whether the token is at fault for `error`. */
export function isTokenFault(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && TOKEN_FAULT.test(code)
}
