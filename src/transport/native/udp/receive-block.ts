/** What `recvmmsg` writes to: an array of `struct mmsghdr`, prepared once, with room for a datagram and the address that it came from behind each. */
import type { NativeLibrary } from '../koffi-library.js'
import { allocateWordAddressed, type WordAddressed } from './address-words.js'
import {
  FLAGS,
  HEADER_BYTES,
  HEADER_WORDS,
  LENGTH,
  NAME,
  NAME_LENGTH,
  PART_COUNT,
  PART_WORDS,
  PARTS,
} from './message-header.js'
import { SOCKET_ADDRESS_BYTES } from './socket-address.js'

/** Datagrams that one call takes at most. */
export const RECEIVE_MESSAGES = 32
/** Longer datagrams are cut: no RTCP of a peer is as long as what fits into a frame of a network. */
const DATAGRAM_BYTES = 2048

const FIRST_PART = RECEIVE_MESSAGES * HEADER_BYTES
const FIRST_NAME = FIRST_PART + RECEIVE_MESSAGES * PART_WORDS * 4
const FIRST_DATAGRAM = FIRST_NAME + RECEIVE_MESSAGES * SOCKET_ADDRESS_BYTES
const BLOCK_BYTES = FIRST_DATAGRAM + RECEIVE_MESSAGES * DATAGRAM_BYTES

/** See the top of the file. */
export class ReceiveBlock {
  /** Where everything lies. */
  readonly buffer: Buffer
  /** For the call. */
  readonly address: number
  readonly #words: Int32Array

  constructor(library: NativeLibrary) {
    const { memory, low, high }: WordAddressed = allocateWordAddressed(library, BLOCK_BYTES)
    this.buffer = memory.buffer
    this.address = memory.at(0, BLOCK_BYTES)
    this.#words = new Int32Array(memory.buffer.buffer, memory.buffer.byteOffset, BLOCK_BYTES / 4)
    const words = this.#words
    for (let i = 0; i < RECEIVE_MESSAGES; i++) {
      const header = i * HEADER_WORDS
      const part = FIRST_PART / 4 + i * PART_WORDS
      words[header + NAME] = low + FIRST_NAME + i * SOCKET_ADDRESS_BYTES
      words[header + NAME + 1] = high
      words[header + NAME_LENGTH] = SOCKET_ADDRESS_BYTES
      words[header + PARTS] = low + FIRST_PART + i * PART_WORDS * 4
      words[header + PARTS + 1] = high
      words[header + PART_COUNT] = 1
      words[part] = low + FIRST_DATAGRAM + i * DATAGRAM_BYTES
      words[part + 1] = high
      words[part + 2] = DATAGRAM_BYTES
    }
  }

  /** Where datagram `i` of the last call begins. */
  startOf(i: number): number {
    return FIRST_DATAGRAM + i * DATAGRAM_BYTES
  }

  /** How many bytes of it there are. */
  lengthOf(i: number): number {
    return Math.min(this.#words[i * HEADER_WORDS + LENGTH] as number, DATAGRAM_BYTES)
  }

  /** Where the address that it came from begins, a `struct sockaddr`. */
  nameOf(i: number): number {
    return FIRST_NAME + i * SOCKET_ADDRESS_BYTES
  }

  /** Makes the headers of the first `count` datagrams what they were before the call, which writes lengths to them. */
  reset(count: number): void {
    const words = this.#words
    for (let i = 0; i < count; i++) {
      words[i * HEADER_WORDS + NAME_LENGTH] = SOCKET_ADDRESS_BYTES
      words[i * HEADER_WORDS + FLAGS] = 0
    }
  }
}
