/** AEAD_AES_128_GCM for SRTP and SRTCP (RFC 7714) on the OpenSSL of the process. */
import { writeUint32 } from '../../../rtp/bytes.js'
import { writeRtcpNonce, writeRtpNonce } from '../../srtp/gcm-nonce.js'
import type { DirectionKeys } from '../../srtp/session-keys.js'
import { RTCP_CLEAR_BYTES, SRTCP_ENCRYPTED, type SrtpTransform } from '../../srtp/srtp-transform.js'
import type { NativeLibrary } from '../koffi-library.js'
import type { CryptoScratch } from './crypto-scratch.js'
import { GCM_TAG_BYTES, GcmCipher } from './gcm-cipher.js'
import type { OpensslSrtp } from './openssl-srtp.js'
import { packetAddress } from './packet-address.js'

const WORD_BYTES = 4

/** SRTP: header, ciphertext, tag. SRTCP: clear header, ciphertext, tag, E bit and index. */
export class NativeGcmTransform implements SrtpTransform {
  readonly rtpOverhead = GCM_TAG_BYTES
  readonly rtcpOverhead = GCM_TAG_BYTES + WORD_BYTES
  readonly rtcpWordFromEnd = WORD_BYTES
  readonly #library: NativeLibrary
  readonly #iv: Buffer
  readonly #rtp: GcmCipher
  readonly #rtpSalt: Buffer
  readonly #rtcp: GcmCipher
  readonly #rtcpSalt: Buffer

  constructor(library: NativeLibrary, openssl: OpensslSrtp, scratch: CryptoScratch, { rtp, rtcp }: DirectionKeys) {
    this.#library = library
    this.#iv = scratch.iv
    this.#rtp = new GcmCipher(openssl, scratch, rtp.encryptionKey)
    this.#rtpSalt = rtp.salt
    this.#rtcp = new GcmCipher(openssl, scratch, rtcp.encryptionKey)
    this.#rtcpSalt = rtcp.salt
  }

  sealRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    const address = packetAddress(this.#library, buffer, start, start + headerLength, end, GCM_TAG_BYTES)
    if (address === 0) return false
    writeRtpNonce(this.#iv, this.#rtpSalt, buffer, start, index)
    const length = end - start
    const payload = address + headerLength
    return this.#rtp.seal(address, headerLength, 0, 0, payload, length - headerLength, address + length)
  }

  openRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    const tagAt = end - GCM_TAG_BYTES
    const address = packetAddress(this.#library, buffer, start, start + headerLength, tagAt, GCM_TAG_BYTES)
    if (address === 0) return false
    writeRtpNonce(this.#iv, this.#rtpSalt, buffer, start, index)
    const length = tagAt - start
    const payload = address + headerLength
    return this.#rtp.open(address, headerLength, 0, 0, payload, length - headerLength, address + length)
  }

  sealRtcp(buffer: Buffer, start: number, end: number, index: number): boolean {
    const address = packetAddress(this.#library, buffer, start, start + RTCP_CLEAR_BYTES, end, this.rtcpOverhead)
    if (address === 0) return false
    writeRtcpNonce(this.#iv, this.#rtcpSalt, buffer, start, index)
    writeUint32(buffer, end + GCM_TAG_BYTES, SRTCP_ENCRYPTED + index)
    const length = end - start
    return this.#rtcp.seal(
      address,
      RTCP_CLEAR_BYTES,
      address + length + GCM_TAG_BYTES,
      WORD_BYTES,
      address + RTCP_CLEAR_BYTES,
      length - RTCP_CLEAR_BYTES,
      address + length,
    )
  }

  openRtcp(buffer: Buffer, start: number, end: number, word: number): boolean {
    const tagAt = end - this.rtcpOverhead
    const address = packetAddress(this.#library, buffer, start, start + RTCP_CLEAR_BYTES, tagAt, this.rtcpOverhead)
    if (address === 0) return false
    const isEncrypted = word >= SRTCP_ENCRYPTED
    writeRtcpNonce(this.#iv, this.#rtcpSalt, buffer, start, isEncrypted ? word - SRTCP_ENCRYPTED : word)
    const length = tagAt - start
    // Without encryption the whole packet is associated data (section 9.3).
    const clear = isEncrypted ? RTCP_CLEAR_BYTES : length
    const tag = address + length
    return this.#rtcp.open(address, clear, tag + GCM_TAG_BYTES, WORD_BYTES, address + clear, length - clear, tag)
  }

  close(): void {
    this.#rtp.close()
    this.#rtcp.close()
  }
}
