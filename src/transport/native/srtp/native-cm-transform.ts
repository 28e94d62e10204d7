/** AES_CM_128_HMAC_SHA1_80 (RFC 3711, section 4) on the OpenSSL of the process. */
import { readUint32, writeUint32 } from '../../../rtp/bytes.js'
import { writeCounterBlock } from '../../srtp/counter-block.js'
import { TAG_BYTES } from '../../srtp/hmac-sha1-tag.js'
import type { DirectionKeys } from '../../srtp/session-keys.js'
import { RTCP_CLEAR_BYTES, SRTCP_ENCRYPTED, type SrtpTransform } from '../../srtp/srtp-transform.js'
import type { NativeLibrary } from '../koffi-library.js'
import type { CryptoScratch } from './crypto-scratch.js'
import { CtrCipher } from './ctr-cipher.js'
import { NativeHmacSha1 } from './native-hmac-sha1.js'
import type { OpensslSrtp } from './openssl-srtp.js'
import { packetAddress } from './packet-address.js'

const ROC_BYTES = 4
const WORD_BYTES = 4

/** SRTP: header, ciphertext, tag. SRTCP: clear header, ciphertext, E bit and index, tag. */
export class NativeCmTransform implements SrtpTransform {
  readonly rtpOverhead = TAG_BYTES
  readonly rtcpOverhead = WORD_BYTES + TAG_BYTES
  readonly rtcpWordFromEnd = WORD_BYTES + TAG_BYTES
  readonly #library: NativeLibrary
  readonly #scratch: CryptoScratch
  readonly #rtpCipher: CtrCipher
  readonly #rtpSalt: Buffer
  readonly #rtpHmac: NativeHmacSha1
  readonly #rtcpCipher: CtrCipher
  readonly #rtcpSalt: Buffer
  readonly #rtcpHmac: NativeHmacSha1

  constructor(library: NativeLibrary, openssl: OpensslSrtp, scratch: CryptoScratch, { rtp, rtcp }: DirectionKeys) {
    this.#library = library
    this.#scratch = scratch
    this.#rtpCipher = new CtrCipher(openssl, scratch, rtp.encryptionKey)
    this.#rtpSalt = rtp.salt
    this.#rtpHmac = new NativeHmacSha1(openssl, scratch, rtp.authenticationKey)
    this.#rtcpCipher = new CtrCipher(openssl, scratch, rtcp.encryptionKey)
    this.#rtcpSalt = rtcp.salt
    this.#rtcpHmac = new NativeHmacSha1(openssl, scratch, rtcp.authenticationKey)
  }

  sealRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    const address = packetAddress(this.#library, buffer, start, start + headerLength, end, TAG_BYTES)
    if (address === 0) return false
    const length = end - start
    this.#writeCounter(this.#rtpSalt, readUint32(buffer, start + 8), index)
    if (!this.#rtpCipher.apply(address + headerLength, length - headerLength)) return false
    // The rollover counter is hashed behind the packet, where the tag will be.
    writeUint32(buffer, end, Math.floor(index / 0x1_0000))
    if (!this.#rtpHmac.digest(address, length + ROC_BYTES, 0, 0)) return false
    this.#rtpHmac.write(buffer, end)
    return true
  }

  openRtp(buffer: Buffer, start: number, headerLength: number, end: number, index: number): boolean {
    const tagAt = end - TAG_BYTES
    const address = packetAddress(this.#library, buffer, start, start + headerLength, tagAt, TAG_BYTES)
    if (address === 0) return false
    const length = tagAt - start
    const { aad, aadAddress } = this.#scratch
    writeUint32(aad, 0, Math.floor(index / 0x1_0000))
    if (!this.#rtpHmac.digest(address, length, aadAddress, ROC_BYTES)) return false
    if (!this.#rtpHmac.matches(buffer, tagAt)) return false
    this.#writeCounter(this.#rtpSalt, readUint32(buffer, start + 8), index)
    return this.#rtpCipher.apply(address + headerLength, length - headerLength)
  }

  sealRtcp(buffer: Buffer, start: number, end: number, index: number): boolean {
    const address = packetAddress(this.#library, buffer, start, start + RTCP_CLEAR_BYTES, end, this.rtcpOverhead)
    if (address === 0) return false
    const length = end - start
    this.#writeCounter(this.#rtcpSalt, readUint32(buffer, start + 4), index)
    if (!this.#rtcpCipher.apply(address + RTCP_CLEAR_BYTES, length - RTCP_CLEAR_BYTES)) return false
    writeUint32(buffer, end, SRTCP_ENCRYPTED + index)
    if (!this.#rtcpHmac.digest(address, length + WORD_BYTES, 0, 0)) return false
    this.#rtcpHmac.write(buffer, end + WORD_BYTES)
    return true
  }

  openRtcp(buffer: Buffer, start: number, end: number, word: number): boolean {
    const wordAt = end - this.rtcpOverhead
    const address = packetAddress(this.#library, buffer, start, start + RTCP_CLEAR_BYTES, wordAt, this.rtcpOverhead)
    if (address === 0) return false
    const length = wordAt - start
    if (!this.#rtcpHmac.digest(address, length + WORD_BYTES, 0, 0)) return false
    if (!this.#rtcpHmac.matches(buffer, wordAt + WORD_BYTES)) return false
    if (word < SRTCP_ENCRYPTED) return true
    this.#writeCounter(this.#rtcpSalt, readUint32(buffer, start + 4), word - SRTCP_ENCRYPTED)
    return this.#rtcpCipher.apply(address + RTCP_CLEAR_BYTES, length - RTCP_CLEAR_BYTES)
  }

  close(): void {
    this.#rtpCipher.close()
    this.#rtpHmac.close()
    this.#rtcpCipher.close()
    this.#rtcpHmac.close()
  }

  #writeCounter(salt: Buffer, ssrc: number, index: number): void {
    const { iv } = this.#scratch
    writeCounterBlock(iv, salt, ssrc, index)
    iv[14] = 0
    iv[15] = 0
  }
}
