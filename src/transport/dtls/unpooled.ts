/** Bytes that stay as long as a session. */

/** A copy in memory of its own: one in Node's pool, however small, holds on to the 8 kB that it shares with bytes that nobody needs any more. */
export function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length)
  bytes.copy(copy)
  return copy
}
