/** The counter block that a packet's keystream begins with in AES counter mode (RFC 3711, section 4.1.1). */

/** Writes (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16) to the first 14 bytes of `block`; the block counter in the last two stays. */
export function writeCounterBlock(block: Buffer, salt: Buffer, ssrc: number, index: number): void {
  const high = Math.floor(index / 0x1_0000)
  block[0] = salt[0] as number
  block[1] = salt[1] as number
  block[2] = salt[2] as number
  block[3] = salt[3] as number
  block[4] = (salt[4] as number) ^ (ssrc >>> 24)
  block[5] = (salt[5] as number) ^ (ssrc >>> 16)
  block[6] = (salt[6] as number) ^ (ssrc >>> 8)
  block[7] = (salt[7] as number) ^ ssrc
  block[8] = (salt[8] as number) ^ (high >>> 24)
  block[9] = (salt[9] as number) ^ (high >>> 16)
  block[10] = (salt[10] as number) ^ (high >>> 8)
  block[11] = (salt[11] as number) ^ high
  block[12] = (salt[12] as number) ^ (index >>> 8)
  block[13] = (salt[13] as number) ^ index
}
