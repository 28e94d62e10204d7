/** The compression function of SHA-1 (FIPS 180-4, section 6.1.2), for the one block that an outer HMAC hash is. */

const WORDS = 16
const ROUNDS = 80

// The message schedule, shared by the thread.
const schedule = new Int32Array(ROUNDS)

/** The state that a hash begins with, as five words. */
export function initialState(): Int32Array {
  return Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
}

/** Compresses one block of 16 words: reads the state in `from`, and writes the new one to `to`, which may be the same. */
export function compressBlock(block: Int32Array, from: Int32Array, to: Int32Array): void {
  const w = schedule
  for (let i = 0; i < WORDS; i++) w[i] = block[i] as number
  for (let i = WORDS; i < ROUNDS; i++) {
    const x = (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number)
    w[i] = (x << 1) | (x >>> 31)
  }
  let a = from[0] as number
  let b = from[1] as number
  let c = from[2] as number
  let d = from[3] as number
  let e = from[4] as number
  // Four loops instead of one with a choice in it: they take a third of the time.
  for (let i = 0; i < 20; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + 0x5a827999 + (w[i] as number)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (let i = 20; i < 40; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + (w[i] as number)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (let i = 40; i < 60; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + (w[i] as number)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (let i = 60; i < ROUNDS; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + (w[i] as number)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  to[0] = (from[0] as number) + a
  to[1] = (from[1] as number) + b
  to[2] = (from[2] as number) + c
  to[3] = (from[3] as number) + d
  to[4] = (from[4] as number) + e
}
