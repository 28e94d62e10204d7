/** AES in counter mode as SRTP uses it (RFC 3711, section 4.1.1). */
import { applyKeystream } from './apply-keystream.js'
import { writeCounterBlock } from './counter-block.js'
import { BLOCK_BYTES, PacketKeystream } from './packet-keystream.js'

/** The keystream of one session key and salt. */
export class AesCounterMode {
  readonly #keystream: PacketKeystream

  /** @param key 16 bytes; @param salt 14 bytes; @param isDense whether packets follow each other closely, as RTP's do. */
  constructor(key: Buffer, salt: Buffer, isDense: boolean) {
    this.#keystream = new PacketKeystream(key, salt, isDense, writeCounterBlock, 0)
  }

  /** Encrypts or decrypts `buffer[start, end)`, the payload of the packet with that SSRC and index, in place. */
  apply(buffer: Buffer, start: number, end: number, ssrc: number, index: number): void {
    const length = end - start
    if (length <= 0) return
    const keystream = this.#keystream.make(ssrc, index, Math.ceil(length / BLOCK_BYTES))
    applyKeystream(keystream, this.#keystream.offset, buffer, start, length)
  }
}
