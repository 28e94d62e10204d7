/**
 * What `sendmmsg` reads: an array of `struct mmsghdr`, their `iovec`s, and for messages that the kernel is to cut into datagrams (UDP GSO) a control
 * message with the size of the segments. It is prepared as far as it never changes; per message, a few 32-bit words are written.
 */
import type { NativeLibrary } from '../koffi-library.js'
import { allocateWordAddressed, type WordAddressed } from './address-words.js'
import type { DestinationTable } from './destination-table.js'
import {
  CONTROL,
  CONTROL_LENGTH,
  HEADER_BYTES,
  HEADER_WORDS,
  NAME,
  NAME_LENGTH,
  PART_COUNT,
  PART_WORDS,
  PARTS,
} from './message-header.js'
import type { SendQueue } from './send-queue.js'
import { SOCKET_ADDRESS_BYTES } from './socket-address.js'
import { SOL_UDP, UDP_SEGMENT } from './socket-functions.js'

/** Parts of one system call; more save nothing that could be measured. */
export const BLOCK_PARTS = 128
/** The kernel cuts one message into so many datagrams at most. */
const MAX_SEGMENTS = 64
/** The largest UDP payload over IPv4 is 65507 bytes, cut or not. */
const MAX_MESSAGE_BYTES = 65_507

/** A control message with the size of the segments, in 32-bit words. */
const CONTROL_WORDS = 6
const CONTROL_BYTES = CONTROL_WORDS * 4
/** The length that `cmsg_len` has for 16 bits of data. */
const SEGMENT_CONTROL_LENGTH = 18

const FIRST_PART = BLOCK_PARTS * HEADER_WORDS
const FIRST_CONTROL = FIRST_PART + BLOCK_PARTS * PART_WORDS
const BLOCK_BYTES = (FIRST_CONTROL + BLOCK_PARTS * CONTROL_WORDS) * 4

/** One such block, filled anew for each system call. */
export class MessageBlock {
  /** How many messages it holds. */
  messages = 0
  /** Of each message, and behind them, the position in the order at which its first datagram was. */
  readonly firsts = new Int32Array(BLOCK_PARTS + 1)
  /** The index of the socket that they are for. */
  socket = 0
  readonly #block: WordAddressed
  readonly #words: Int32Array
  /** Upper halves of addresses that are in the block. */
  #nameHigh = -1
  #dataHigh = -1

  constructor(library: NativeLibrary) {
    this.#block = allocateWordAddressed(library, BLOCK_BYTES)
    const { memory, low, high } = this.#block
    this.#words = new Int32Array(memory.buffer.buffer, memory.buffer.byteOffset, BLOCK_BYTES / 4)
    const words = this.#words
    for (let i = 0; i < BLOCK_PARTS; i++) {
      const header = i * HEADER_WORDS
      const control = FIRST_CONTROL + i * CONTROL_WORDS
      words[header + PARTS + 1] = high
      words[header + CONTROL] = low + control * 4
      words[header + CONTROL + 1] = high
      words[control] = SEGMENT_CONTROL_LENGTH
      words[control + 2] = SOL_UDP
      words[control + 3] = UDP_SEGMENT
    }
  }

  /** The address of the header of that message, with those of all behind it. */
  addressOf(message: number): number {
    return this.#block.memory.at(message * HEADER_BYTES, (this.messages - message) * HEADER_BYTES)
  }

  /** True if the message stands for several datagrams. */
  isSegmented(message: number): boolean {
    return this.#words[message * HEADER_WORDS + CONTROL_LENGTH] !== 0
  }

  /**
   * Takes datagrams from `order[from]` on, as many as fit and go through the same socket; neighbours for one address with the same length become one
   * message if `segments`, together with a shorter one behind them.
   */
  fill(queue: SendQueue, table: DestinationTable, order: Int32Array, from: number, segments: boolean): void {
    this.#setHighs(table.block.high, queue.arena.high)
    const { offsets, lengths, places, count } = queue
    const { sockets, nameLengths, unsegmented } = table
    const words = this.#words
    const nameLow = table.block.low
    const dataLow = queue.arena.low
    const partsLow = this.#block.low
    const socket = sockets[places[order[from] as number] as number] as number
    let position = from
    let part = FIRST_PART
    let messages = 0
    while (position < count && part < FIRST_CONTROL) {
      const first = order[position] as number
      const place = places[first] as number
      if (sockets[place] !== socket) break
      this.firsts[messages] = position++
      const firstPart = part
      const size = lengths[first] as number
      let end = (offsets[first] as number) + size
      words[part] = dataLow + end - size
      words[part + 2] = size
      let total = size
      let datagrams = 1
      let last = size
      while (
        segments &&
        position < count &&
        datagrams < MAX_SEGMENTS &&
        last === size &&
        places[order[position] as number] === place &&
        unsegmented[place] === 0
      ) {
        const next = order[position] as number
        const length = lengths[next] as number
        if (length > size || length === 0 || total + length > MAX_MESSAGE_BYTES) break
        const offset = offsets[next] as number
        if (offset === end) {
          words[part + 2] = (words[part + 2] as number) + length
        } else {
          if (part + PART_WORDS === FIRST_CONTROL) break
          part += PART_WORDS
          words[part] = dataLow + offset
          words[part + 2] = length
        }
        end = offset + length
        total += length
        last = length
        datagrams++
        position++
      }
      part += PART_WORDS
      const header = messages * HEADER_WORDS
      words[header + NAME] = nameLow + place * SOCKET_ADDRESS_BYTES
      words[header + NAME_LENGTH] = nameLengths[place] as number
      words[header + PARTS] = partsLow + firstPart * 4
      words[header + PART_COUNT] = (part - firstPart) / PART_WORDS
      words[header + CONTROL_LENGTH] = datagrams === 1 ? 0 : CONTROL_BYTES
      if (datagrams > 1) words[FIRST_CONTROL + messages * CONTROL_WORDS + 4] = size
      messages++
    }
    this.firsts[messages] = position
    this.messages = messages
    this.socket = socket
  }

  #setHighs(nameHigh: number, dataHigh: number): void {
    if (nameHigh === this.#nameHigh && dataHigh === this.#dataHigh) return
    this.#nameHigh = nameHigh
    this.#dataHigh = dataHigh
    for (let i = 0; i < BLOCK_PARTS; i++) {
      this.#words[i * HEADER_WORDS + NAME + 1] = nameHigh
      this.#words[FIRST_PART + i * PART_WORDS + 1] = dataHigh
    }
  }
}
