/** The pseudorandom function of TLS 1.2 with SHA-256 and what is derived by it (RFC 5246, sections 5 and 7.4.9; RFC 5705). */
import { createHash, createHmac } from 'node:crypto'

const VERIFY_DATA_BYTES = 12

function hmac(secret: Buffer, ...parts: readonly Buffer[]): Buffer {
  const mac = createHmac('sha256', secret)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** `length` bytes of PRF(secret, label, seed). */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelAndSeed = Buffer.concat([Buffer.from(label, 'latin1'), seed])
  const blocks: Buffer[] = []
  let a: Buffer = labelAndSeed
  for (let produced = 0; produced < length; produced += 32) {
    a = hmac(secret, a)
    blocks.push(hmac(secret, a, labelAndSeed))
  }
  return Buffer.concat(blocks, length)
}

/** What the Finished message of `sender` must contain, after `transcript`. */
export function finishedVerifyData(
  masterSecret: Buffer,
  sender: 'client' | 'server',
  transcript: readonly Buffer[],
): Buffer {
  const hash = createHash('sha256')
  for (const message of transcript) hash.update(message)
  return prf(masterSecret, `${sender} finished`, hash.digest(), VERIFY_DATA_BYTES)
}

/** `length` bytes of exported keying material without a context (RFC 5705, section 4). */
export function exportKeyingMaterial(
  masterSecret: Buffer,
  label: string,
  clientRandom: Buffer,
  serverRandom: Buffer,
  length: number,
): Buffer {
  return prf(masterSecret, label, Buffer.concat([clientRandom, serverRandom]), length)
}
