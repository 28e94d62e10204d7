/**
 * What a client shows that one node has sent to another by a 307: it stands for what the first one has granted already, as browsers leave the
 * Authorization header out of a redirect to another origin (Fetch standard, "HTTP-redirect fetch").
 *
 * It travels in a URL, and what a grant says of a user is nobody's business who reads URLs; so it is encrypted and authenticated (AES-256-GCM), not
 * only signed.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Grant } from '../signaling/index.js'

/** What a ticket says. */
export interface TicketClaims {
  /** The node that it is for. */
  readonly to: string
  readonly action: 'publish' | 'view'
  readonly broadcast: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
  /** At random, so that it can be taken once. */
  readonly nonce: string
  /** The nodes that have sent the client on, in order. */
  readonly tried: readonly string[]
  readonly grant: Grant
}

const PREFIX = 'mct1.'
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** The ticket that says `claims`: letters, digits, `-`, `_` and a dot. */
export function writeTicket(key: Buffer, claims: TicketClaims): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
  const text = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()])
  return PREFIX + Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url')
}

/** What `ticket` says, or undefined if it is none of ours. Whether it is for here and now is the caller's to check. */
export function readTicket(key: Buffer, ticket: string): TicketClaims | undefined {
  if (!ticket.startsWith(PREFIX)) return undefined
  const given = ticket.slice(PREFIX.length)
  const bytes = Buffer.from(given, 'base64url')
  // The last letter has bits to spare; only one text is the ticket.
  if (bytes.toString('base64url') !== given) return undefined
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
    return JSON.parse(text.toString()) as TicketClaims
  } catch {
    return undefined
  }
}
