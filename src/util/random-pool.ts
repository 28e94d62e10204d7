/**
 * Random bytes, a few at a time. Asking the system costs microseconds each time, and a join needs a dozen random names; so they are drawn in
 * advance, as `randomInt` and `randomUUID` of Node do.
 */
import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096

let pool: Buffer | undefined
let used = POOL_BYTES

/** So many random bytes as text. At most a few dozen: longer ones are better drawn by themselves. */
export function randomText(bytes: number, encoding: 'base64' | 'base64url' | 'hex'): string {
  return take(bytes, (from, start) => from.toString(encoding, start, start + bytes))
}

/** 64 random bits. */
export function randomBigUint64(): bigint {
  return take(8, (from, start) => from.readBigUInt64BE(start))
}

/** 32 random bits. */
export function randomUint32(): number {
  return take(4, (from, start) => from.readUInt32BE(start))
}

function take<T>(bytes: number, read: (from: Buffer, start: number) => T): T {
  if (pool === undefined || used + bytes > POOL_BYTES) {
    pool = randomFillSync(pool ?? Buffer.alloc(POOL_BYTES))
    used = 0
  }
  const start = used
  used += bytes
  const value = read(pool, start)
  // What has been given out is a secret of somebody's: no copy of it stays here.
  pool.fill(0, start, used)
  return value
}
