/** The keys that nodes of a cluster share: one secret, and a key of its own for each use of it (HKDF, RFC 5869). */
import { hkdfSync } from 'node:crypto'

/** What tokens and tickets are protected by. */
export interface ClusterKeys {
  /** Of the tokens that relays show. */
  readonly relay: Buffer
  /** Of the tickets that redirected clients show. */
  readonly ticket: Buffer
  /** Whether there is a secret: without one anybody knows the keys, and nothing that they protect is a permission. */
  readonly secret: boolean
}

/** The keys of `secret`; those of an open cluster if it is undefined. */
export function clusterKeys(secret: string | undefined): ClusterKeys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret ?? '', '', `manycast ${use}`, 32))
  return { relay: derive('relay token'), ticket: derive('ticket'), secret: secret !== undefined }
}
