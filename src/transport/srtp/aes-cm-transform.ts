/** AES_CM_128_HMAC_SHA1_80: encrypt by AES counter mode, then authenticate by HMAC-SHA1 (RFC 3711, section 4). */
import { AesCounterMode } from './aes-counter-mode.js'
import { HmacSha1Tag, TAG_BYTES } from './hmac-sha1-tag.js'
import type { DirectionKeys } from './session-keys.js'
import { RTCP_CLEAR_BYTES, SRTCP_ENCRYPTED, type SrtpTransform } from './srtp-transform.js'

/** The HMAC of SRTCP covers the index as part of the packet and no rollover counter. */
const NO_ROC = -1

/** SRTP: header, ciphertext, tag. SRTCP: clear header, ciphertext, E bit and index, tag. */
export class AesCmTransform implements SrtpTransform {
  readonly rtpOverhead = TAG_BYTES
  readonly rtcpOverhead = 4 + TAG_BYTES
  readonly rtcpWordFromEnd = 4 + TAG_BYTES
  readonly #rtpCipher: AesCounterMode
  readonly #rtpTag: HmacSha1Tag
  readonly #rtcpCipher: AesCounterMode
  readonly #rtcpTag: HmacSha1Tag

  constructor(keys: DirectionKeys) {
    this.#rtpCipher = new AesCounterMode(keys.rtp.encryptionKey, keys.rtp.salt, true)
    this.#rtpTag = new HmacSha1Tag(keys.rtp.authenticationKey)
    this.#rtcpCipher = new AesCounterMode(keys.rtcp.encryptionKey, keys.rtcp.salt, false)
    this.#rtcpTag = new HmacSha1Tag(keys.rtcp.authenticationKey)
  }

  sealRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    this.#rtpCipher.apply(buffer, start + headerLength, end, buffer.readUInt32BE(start + 8), index)
    this.#rtpTag.write(buffer, start, end, Math.floor(index / 0x1_0000), end)
    return true
  }

  openRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    const tagAt = end - TAG_BYTES
    if (!this.#rtpTag.matches(buffer, start, tagAt, Math.floor(index / 0x1_0000), tagAt)) return false
    this.#rtpCipher.apply(buffer, start + headerLength, tagAt, buffer.readUInt32BE(start + 8), index)
    return true
  }

  sealRtcp(buffer: Buffer, start: number, end: number, index: number): boolean {
    this.#rtcpCipher.apply(buffer, start + RTCP_CLEAR_BYTES, end, buffer.readUInt32BE(start + 4), index)
    buffer.writeUInt32BE(SRTCP_ENCRYPTED + index, end)
    this.#rtcpTag.write(buffer, start, end + 4, NO_ROC, end + 4)
    return true
  }

  openRtcp(buffer: Buffer, start: number, end: number, word: number): boolean {
    const tagAt = end - TAG_BYTES
    if (!this.#rtcpTag.matches(buffer, start, tagAt, NO_ROC, tagAt)) return false
    if (word < SRTCP_ENCRYPTED) return true
    const index = word - SRTCP_ENCRYPTED
    this.#rtcpCipher.apply(buffer, start + RTCP_CLEAR_BYTES, tagAt - 4, buffer.readUInt32BE(start + 4), index)
    return true
  }

  /** Nothing to do: keys are collected with their transform. */
  close(): void {}
}
