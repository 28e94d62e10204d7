/** The nonces of AEAD_AES_128_GCM (RFC 7714, sections 8.1 and 9.1). */

/** Writes that of the RTP packet at `start`: 16 zero bits, SSRC, ROC and sequence number, XOR salt (section 8.1). */
export function writeRtpNonce(nonce: Buffer, salt: Buffer, buffer: Buffer, start: number, index: number): void {
  const roc = Math.floor(index / 0x1_0000)
  writeSsrc(nonce, salt, buffer, start + 8)
  nonce[6] = (salt[6] as number) ^ (roc >>> 24)
  nonce[7] = (salt[7] as number) ^ (roc >>> 16)
  nonce[8] = (salt[8] as number) ^ (roc >>> 8)
  nonce[9] = (salt[9] as number) ^ roc
  nonce[10] = (salt[10] as number) ^ (index >>> 8)
  nonce[11] = (salt[11] as number) ^ index
}

/** Writes that of the RTCP packet at `start`: 16 zero bits, SSRC, 16 zero bits, one more, and the 31-bit index, XOR salt (section 9.1). */
export function writeRtcpNonce(nonce: Buffer, salt: Buffer, buffer: Buffer, start: number, index: number): void {
  writeSsrc(nonce, salt, buffer, start + 4)
  nonce[6] = salt[6] as number
  nonce[7] = salt[7] as number
  nonce[8] = (salt[8] as number) ^ (index >>> 24)
  nonce[9] = (salt[9] as number) ^ (index >>> 16)
  nonce[10] = (salt[10] as number) ^ (index >>> 8)
  nonce[11] = (salt[11] as number) ^ index
}

function writeSsrc(nonce: Buffer, salt: Buffer, buffer: Buffer, ssrcAt: number): void {
  nonce[0] = salt[0] as number
  nonce[1] = salt[1] as number
  nonce[2] = (salt[2] as number) ^ (buffer[ssrcAt] as number)
  nonce[3] = (salt[3] as number) ^ (buffer[ssrcAt + 1] as number)
  nonce[4] = (salt[4] as number) ^ (buffer[ssrcAt + 2] as number)
  nonce[5] = (salt[5] as number) ^ (buffer[ssrcAt + 3] as number)
}
