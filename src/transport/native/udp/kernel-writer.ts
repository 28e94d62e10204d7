/** Hands a queue to the kernel, and knows what to do with each answer: what it refuses is skipped and counted, what it has no room for stays. */
import type { MuxCounters } from '../../udp/mux-counters.js'
import type { NativeLibrary } from '../koffi-library.js'
import type { DestinationTable } from './destination-table.js'
import { MessageBlock } from './message-block.js'
import { SendOrder } from './send-order.js'
import type { SendQueue } from './send-queue.js'
import { ERRNO, MSG_DONTWAIT, MSG_NOSIGNAL, type SocketFunctions } from './socket-functions.js'

const FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL

/** What a {@link KernelWriter} is made with. */
export interface KernelWriterConfig {
  readonly library: NativeLibrary
  readonly functions: Pick<SocketFunctions, 'sendmmsg' | 'errno'>
  /** By the index that `RemoteAddress.socket` has; they stay open for as long as the sender is. */
  readonly descriptors: readonly number[]
  /** Whether the kernel cuts messages into datagrams. */
  readonly segmentation: boolean
  readonly counters: MuxCounters
}

/** See the top of the file. */
export class KernelWriter {
  /** The positions of what the kernel had no room for. */
  kept = new Int32Array(0)
  readonly #functions: Pick<SocketFunctions, 'sendmmsg' | 'errno'>
  readonly #descriptors: readonly number[]
  readonly #counters: MuxCounters
  readonly #table: DestinationTable
  readonly #block: MessageBlock
  readonly #order = new SendOrder()
  #segmentation: boolean

  constructor(config: KernelWriterConfig, table: DestinationTable) {
    this.#functions = config.functions
    this.#descriptors = config.descriptors
    this.#counters = config.counters
    this.#segmentation = config.segmentation
    this.#table = table
    this.#block = new MessageBlock(config.library)
  }

  /**
   * Sends what is queued; returns how many of it are `kept`.
   *
   * @param isMixed the sockets change more than once along the queue.
   * @param isGrouped the datagrams for one address lie behind each other.
   */
  send(queue: SendQueue, isMixed: boolean, isGrouped: boolean): number {
    const table = this.#table
    const { count, places } = queue
    const order =
      isMixed || (this.#segmentation && !isGrouped)
        ? this.#order.grouped(queue, table, this.#descriptors.length)
        : this.#order.asQueued(queue)
    let kept = 0
    let position = 0
    while (position < count) {
      this.#block.fill(queue, table, order, position, this.#segmentation)
      position = this.#sendBlock(queue, order)
      if (position >= 0) continue
      // The socket is full: all that would go through it stays, so that the order does.
      position = -1 - position
      if (this.kept.length < count) this.kept = new Int32Array(places.length)
      while (position < count && table.sockets[places[order[position] as number] as number] === this.#block.socket) {
        this.kept[kept++] = order[position++] as number
      }
    }
    return kept
  }

  /** Returns the position up to which it is done; less than zero, `-1 - position`, if the kernel has no room from there on. */
  #sendBlock(queue: SendQueue, order: Int32Array): number {
    const block = this.#block
    const { messages, firsts } = block
    const descriptor = this.#descriptors[block.socket] as number
    let message = 0
    while (message < messages) {
      const sent = this.#functions.sendmmsg(descriptor, block.addressOf(message), messages - message, FLAGS)
      if (sent > 0) {
        message += sent
        continue
      }
      const errno = this.#functions.errno()
      const first = firsts[message] as number
      if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return -1 - first
      if (block.isSegmented(message) && this.#refusesSegments(errno, queue.places[order[first] as number] as number)) {
        return first
      }
      this.#counters.sendErrors += (firsts[message + 1] as number) - first
      message++
    }
    return firsts[messages] as number
  }

  /** True if the datagrams of the message may well go one by one; from then on, those for that address do. */
  #refusesSegments(errno: number, place: number): boolean {
    // The device cannot; or the path to there takes only smaller ones, which are then fragmented, as they are by the portable sender.
    const cannot = errno === ERRNO.EIO || errno === ERRNO.EOPNOTSUPP
    if (!cannot && errno !== ERRNO.EINVAL && errno !== ERRNO.EMSGSIZE) return false
    if (cannot) this.#segmentation = false
    this.#table.unsegmented[place] = 1
    return true
  }
}
