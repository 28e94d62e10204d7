/**
 * What a node shows when it pulls a publisher from another node: signed with the cluster's key (HMAC-SHA-256), good for one node, one publisher and
 * a short time.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a token says. */
export interface RelayClaims {
  /** The node that it is for, and the one that shows it. */
  readonly to: string
  readonly from: string
  readonly broadcast: string
  readonly publisher: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
  /** At random, so that it can be taken once. */
  readonly nonce: string
}

const PREFIX = 'mcr1'
const FIELDS: readonly (keyof RelayClaims)[] = ['to', 'from', 'broadcast', 'publisher', 'expiresAtMs', 'nonce']

/** The token that says `claims`: letters, digits, `-`, `_` and dots. */
export function writeRelayToken(key: Buffer, claims: RelayClaims): string {
  const body = `${PREFIX}.${Buffer.from(JSON.stringify(FIELDS.map((field) => claims[field]))).toString('base64url')}`
  return `${body}.${signature(key, body).toString('base64url')}`
}

/** What `token` says, or undefined if it is none of ours. Whether it is for here and now is the caller's to check. */
export function readRelayToken(key: Buffer, token: string): RelayClaims | undefined {
  const [prefix, payload, given, ...more] = token.split('.')
  if (prefix !== PREFIX || payload === undefined || given === undefined || more.length > 0) return undefined
  // As the text that it is: bytes could be written in several ways, as the last letter has bits to spare.
  const wanted = Buffer.from(signature(key, `${prefix}.${payload}`).toString('base64url'))
  const shown = Buffer.from(given)
  if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted)) return undefined
  const values = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[]
  return Object.fromEntries(FIELDS.map((field, index) => [field, values[index]])) as unknown as RelayClaims
}

function signature(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest()
}
