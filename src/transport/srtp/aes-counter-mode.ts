/** AES in counter mode as SRTP uses it (RFC 3711, section 4.1.1). */
import { type Cipher, createCipheriv } from 'node:crypto'
import { writeCounterBlock } from './counter-block.js'
import { MAX_PACKET_BYTES } from './srtp-transform.js'

const BLOCK_BYTES = 16
const MAX_BLOCKS = Math.ceil(MAX_PACKET_BYTES / BLOCK_BYTES)

// The counter blocks of the packet at hand, shared by all keys of the thread. Only the first 14 bytes of a block depend on the
// packet; the block counter in the last two is written once, here.
const counterBlocks = Buffer.alloc(MAX_BLOCKS * BLOCK_BYTES)
const counterWords = new Uint32Array(counterBlocks.buffer, counterBlocks.byteOffset, counterBlocks.length / 4)
const counterHalves = new Uint16Array(counterBlocks.buffer, counterBlocks.byteOffset, counterBlocks.length / 2)
for (let i = 0; i < MAX_BLOCKS; i++) counterBlocks.writeUInt16BE(i, BLOCK_BYTES * i + 14)

// Views of the first n blocks by n: a packet length comes again and again.
const firstBlocks: (Buffer | undefined)[] = []

/**
 * The keystream of one session key and salt.
 *
 * The keystream comes from one long-lived AES-ECB object and is applied here, because a CTR object cannot be given another IV:
 * measured for 1100 bytes, 1.9 us of CPU against 2.8 us with a CTR object per packet.
 */
export class AesCounterMode {
  readonly #ecb: Cipher
  readonly #salt: Buffer

  /** @param key 16 bytes; @param salt 14 bytes. */
  constructor(key: Buffer, salt: Buffer) {
    this.#ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#salt = salt
  }

  /** Encrypts or decrypts `buffer[start, end)`, the payload of the packet with that SSRC and index, in place. */
  apply(buffer: Buffer, start: number, end: number, ssrc: number, index: number): void {
    const length = end - start
    if (length <= 0) return
    const blocks = Math.ceil(length / BLOCK_BYTES)
    this.#writeCounters(blocks, ssrc, index)
    firstBlocks[blocks] ??= counterBlocks.subarray(0, blocks * BLOCK_BYTES)
    const keystream = this.#ecb.update(firstBlocks[blocks])
    applyKeystream(keystream, buffer, start, length)
  }

  /** The first block, and the same but for the block counter in those behind it. */
  #writeCounters(blocks: number, ssrc: number, index: number): void {
    writeCounterBlock(counterBlocks, this.#salt, ssrc, index)
    const word0 = counterWords[0] as number
    const word1 = counterWords[1] as number
    const word2 = counterWords[2] as number
    const half6 = counterHalves[6] as number
    for (let i = 1; i < blocks; i++) {
      counterWords[4 * i] = word0
      counterWords[4 * i + 1] = word1
      counterWords[4 * i + 2] = word2
      counterHalves[8 * i + 6] = half6
    }
  }
}

/** Exclusive-or, four bytes at a time: packets lie at any offset, which a `Uint32Array` does not take but a `DataView` does. */
function applyKeystream(keystream: Buffer, buffer: Buffer, start: number, length: number): void {
  const source = new DataView(keystream.buffer, keystream.byteOffset, length)
  const target = new DataView(buffer.buffer, buffer.byteOffset + start, length)
  const wholeWords = length & ~3
  // The byte order is the machine's business as long as it is the same for both.
  for (let i = 0; i < wholeWords; i += 4) target.setInt32(i, target.getInt32(i, true) ^ source.getInt32(i, true), true)
  for (let i = wholeWords; i < length; i++) target.setUint8(i, target.getUint8(i) ^ source.getUint8(i))
}
