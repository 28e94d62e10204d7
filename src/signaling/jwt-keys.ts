/** The key that tokens are verified by, and the algorithms that fit it: a public key must never be taken for a shared secret (RFC 8725, section 3.1). */
import { createPublicKey, KeyObject } from 'node:crypto'
import { BroadcastError } from '../errors.js'
import { refuseOption } from '../util/options.js'
import type { JoseKey, JoseLike } from './jose.js'

/** A JSON Web Key Set (RFC 7517). */
export interface JsonWebKeySet {
  readonly keys: readonly object[]
}

/** Where the key comes from; exactly one of the three. */
export interface JwtKeyOptions {
  /** A secret that the issuer shares, at least 32 bytes (RFC 7518, section 3.2); HS256. */
  readonly secret?: string | Uint8Array | undefined
  /** The issuer's public key: PEM, a JSON Web Key or a `KeyObject`. RSA, P-256, P-384 or Ed25519. */
  readonly publicKey?: string | object | undefined
  /** The issuer's key set, or its URL; it is fetched when it is needed and kept for ten minutes. */
  readonly jwks?: string | URL | JsonWebKeySet | undefined
  /** The algorithms that are taken. Default those that fit the key, and for a key set RS256, PS256, ES256, ES384 and EdDSA. */
  readonly algorithms?: readonly string[] | undefined
}

/** What tokens are verified by. */
export interface JwtKey {
  readonly key: JoseKey
  readonly algorithms: readonly string[]
}

const MIN_SECRET_BYTES = 32
const EDDSA = ['EdDSA', 'Ed25519']
const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', ...EDDSA]
const CURVES: Readonly<Record<string, readonly string[]>> = { prime256v1: ['ES256'], secp384r1: ['ES384'] }

/** Throws `option-invalid`. */
export function jwtKey(jose: JoseLike, options: JwtKeyOptions): JwtKey {
  const { secret, publicKey, jwks } = options
  if ([secret, publicKey, jwks].filter((value) => value !== undefined).length !== 1) {
    throw new BroadcastError('option-invalid', 'jwtAuthorizer needs one of secret, publicKey and jwks', {
      details: { option: 'secret' },
    })
  }
  if (secret !== undefined) return { key: secretBytes(secret), algorithms: chosen(options, ['HS256'], /^HS/) }
  if (publicKey !== undefined) {
    const key = publicKeyObject(publicKey)
    return { key, algorithms: chosen(options, algorithmsOf(key), /^(?:RS|PS|ES|Ed)/) }
  }
  return { key: keySet(jose, jwks), algorithms: chosen(options, KEY_SET_ALGORITHMS, /^(?:RS|PS|ES|Ed)/) }
}

function secretBytes(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  // The value itself is not told: errors end up in logs.
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < MIN_SECRET_BYTES) {
    throw new BroadcastError('option-invalid', `option secret: expected at least ${MIN_SECRET_BYTES} bytes`, {
      details: { option: 'secret' },
    })
  }
  return bytes
}

function publicKeyObject(value: string | object): KeyObject {
  try {
    if (value instanceof KeyObject) return value.type === 'private' ? createPublicKey(value) : value
    return createPublicKey(typeof value === 'string' ? value : { key: value as never, format: 'jwk' })
  } catch (cause) {
    throw new BroadcastError('option-invalid', 'option publicKey: expected PEM, a JSON Web Key or a KeyObject', {
      details: { option: 'publicKey' },
      cause,
    })
  }
}

function algorithmsOf(key: KeyObject): readonly string[] {
  switch (key.type === 'public' ? key.asymmetricKeyType : undefined) {
    case 'rsa':
      return ['RS256', 'PS256']
    case 'rsa-pss':
      return ['PS256']
    case 'ed25519':
      return EDDSA
    case 'ec': {
      const algorithms = CURVES[key.asymmetricKeyDetails?.namedCurve ?? '']
      if (algorithms !== undefined) return algorithms
    }
  }
  return refuseOption('publicKey', 'a public key for RSA, P-256, P-384 or Ed25519', key.asymmetricKeyType ?? key.type)
}

function keySet(jose: JoseLike, jwks: JwtKeyOptions['jwks']): JoseKey {
  if (typeof jwks === 'string' || jwks instanceof URL) {
    const url = URL.canParse(String(jwks)) ? new URL(jwks) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) refuseOption('jwks', 'a key set or its URL', String(jwks))
    return jose.createRemoteJWKSet(url)
  }
  try {
    return jose.createLocalJWKSet(jwks as { keys: object[] })
  } catch {
    return refuseOption('jwks', 'a key set or its URL', jwks)
  }
}

function chosen({ algorithms }: JwtKeyOptions, fallback: readonly string[], fitting: RegExp): readonly string[] {
  if (algorithms === undefined) return fallback
  const fits = (name: unknown) => typeof name === 'string' && fitting.test(name)
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(fits)) {
    refuseOption('algorithms', 'a list of algorithms that fit the key', algorithms)
  }
  return algorithms
}
