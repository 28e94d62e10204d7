/**
 * The native way out: datagrams are written, and encrypted in place, in memory that the kernel is given the address of, and leave together, as many in
 * one system call as have come up in one turn of the event loop (`sendmmsg`). Several for one address become one message where the kernel cuts it (UDP GSO).
 * Media are encrypted just before: what writes packets, what encrypts them and what sends them then each run for many packets on end, and
 * their code stays in the processor's cache.
 */
import type { PortSender } from '../../transport-path.js'
import type { PacketSealer, RemoteAddress } from '../../types.js'
import type { MuxCounters } from '../../udp/mux-counters.js'
import { DestinationTable } from './destination-table.js'
import { KernelWriter, type KernelWriterConfig } from './kernel-writer.js'
import { SendQueue } from './send-queue.js'

/** No more than so many datagrams wait for the end of the turn: they would fall out of the processor's cache. */
const BATCH_DATAGRAMS = 256
const BATCH_BYTES = 256 * 1024
/** Bound of what waits for a kernel that takes nothing, besides the one in bytes. */
const MAX_DATAGRAMS = 16_384
const MAX_DATAGRAM_BYTES = 65_535
/** There is no event that says that the kernel takes datagrams again. */
const RETRY_MS = 1

/** When the sender is called back: at the end of this turn of the event loop, or later. Node's own functions by default. */
export interface SenderTurns {
  setImmediate(fn: () => void): unknown
  clearImmediate(handle: unknown): void
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

const NODE_TURNS: SenderTurns = {
  setImmediate: (fn) => setImmediate(fn),
  clearImmediate: (handle) => clearImmediate(handle as NodeJS.Immediate),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

/** What a {@link NativeDatagramSender} is made with. */
export interface NativeSenderConfig extends KernelWriterConfig {
  /** Bound of what waits for the kernel. */
  readonly maxQueueBytes: number
  readonly turns?: SenderTurns
}

/** A `MediaSender` over `sendmmsg`. One reservation is open at a time: `reserve`, write, `commit`. */
export class NativeDatagramSender implements PortSender {
  readonly #maxQueueBytes: number
  readonly #counters: MuxCounters
  readonly #turns: SenderTurns
  readonly #table: DestinationTable
  readonly #queue: SendQueue
  readonly #kernel: KernelWriter
  /** Of the arena. */
  #size: number
  #lastPlace = -1
  /** How often the socket changes along the queue. */
  #socketChanges = 0
  /** The datagrams for one address lie together already. */
  #isGrouped = true
  /** Datagrams of the queue that may not be sent, as they could not be encrypted. */
  #refused = 0
  /** What flushes at the end of the turn. */
  #turn: unknown
  /** What tries again. Until then, nobody does: the kernel takes nothing. */
  #retry: unknown
  #closed = false

  constructor(config: NativeSenderConfig) {
    this.#maxQueueBytes = config.maxQueueBytes
    this.#counters = config.counters
    this.#turns = config.turns ?? NODE_TURNS
    this.#table = new DestinationTable(config.library, config.descriptors.length)
    this.#queue = new SendQueue(config.library, BATCH_BYTES)
    this.#kernel = new KernelWriter(config, this.#table)
    this.#size = this.#queue.arena.memory.length
  }

  get buffer(): Buffer {
    return this.#queue.arena.memory.buffer
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  reserve(length: number): number {
    const queue = this.#queue
    const fits = queue.head + length <= this.#size && queue.bytes + length <= this.#maxQueueBytes
    return fits && queue.count < MAX_DATAGRAMS && !this.#closed ? queue.head : this.#makeRoom(length)
  }

  commit(offset: number, length: number, remote: RemoteAddress): void {
    if (!this.#takes(offset, length)) return
    const place = this.#placeOf(remote)
    if (place < 0) {
      this.#commitElsewhere(offset, length, remote)
      return
    }
    this.#queue.push(offset, length, place)
    this.#queued(length)
  }

  commitPlain(
    offset: number,
    headerLength: number,
    sealedLength: number,
    extSeq: number,
    sealer: PacketSealer,
    remote: RemoteAddress,
  ): void {
    if (!this.#takes(offset, sealedLength)) return
    const place = this.#placeOf(remote)
    if (place < 0) {
      // A connection takes what is ready.
      if (!sealer.seal(this.buffer, offset, headerLength, sealedLength, extSeq)) return
      this.#commitElsewhere(offset, sealedLength, remote)
      return
    }
    this.#queue.pushPlain(offset, headerLength, sealedLength, extSeq, sealer, place)
    this.#queued(sealedLength)
  }

  seal(): void {
    const { bytes } = this.#queue
    const refused = this.#queue.seal()
    this.#refused += refused
    this.#counters.datagramsOut -= refused
    this.#counters.bytesOut -= bytes - this.#queue.bytes
  }

  flush(): void {
    if (this.#turn !== undefined) this.#turns.clearImmediate(this.#turn)
    this.#onTurn()
  }

  /** Sends what the kernel takes now, and refuses everything from then on. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.flush()
    this.#closed = true
    if (this.#retry !== undefined) this.#turns.clearTimeout(this.#retry)
    this.#retry = undefined
    this.#queue.clear()
  }

  readonly #onTurn = (): void => {
    this.#turn = undefined
    if (this.#queue.count > 0 && this.#retry === undefined) this.#send()
  }

  readonly #onRetry = (): void => {
    this.#retry = undefined
    this.#onTurn()
  }

  #makeRoom(length: number): number {
    const queue = this.#queue
    if (this.#closed || !(length >= 0 && length <= MAX_DATAGRAM_BYTES)) return -1
    if (this.#size >= BATCH_BYTES || queue.bytes + length > this.#maxQueueBytes) this.flush()
    if (queue.bytes + length > this.#maxQueueBytes || queue.count >= MAX_DATAGRAMS) {
      this.#counters.sendQueueFull++
      return -1
    }
    if (queue.head + length > this.#size) {
      queue.makeRoom(length)
      this.#size = queue.arena.memory.length
    }
    return queue.head
  }

  #commitElsewhere(offset: number, length: number, remote: RemoteAddress): void {
    if (remote.stream === undefined) {
      this.#counters.sendErrors++
      return
    }
    // What a connection takes it copies, so its place in the arena is free again.
    if (!remote.stream.send(this.buffer, offset, length)) return
    this.#counters.datagramsOut++
    this.#counters.bytesOut += length
  }

  /** The only check before the kernel reads there. `>>> 0` leaves whole numbers as they are, and none that are negative or not numbers. */
  #takes(offset: number, length: number): boolean {
    const isWhole = offset >>> 0 === offset && length >>> 0 === length
    const isWithin = isWhole && offset + length <= this.#size && length <= MAX_DATAGRAM_BYTES
    return isWithin && !this.#closed && this.#queue.count < MAX_DATAGRAMS
  }

  /** The place that one more datagram goes to; -1 if it is none of these sockets'. */
  #placeOf(remote: RemoteAddress): number {
    const table = this.#table
    const place = table.find(remote)
    if (place < 0) return -1
    if (place !== this.#lastPlace) this.#moveTo(place)
    ;(table.pending[place] as number)++
    return place
  }

  #queued(length: number): void {
    const queue = this.#queue
    this.#counters.datagramsOut++
    this.#counters.bytesOut += length
    if (this.#retry !== undefined) return
    if (queue.count >= BATCH_DATAGRAMS || queue.bytes >= BATCH_BYTES) this.#send()
    else this.#turn ??= this.#turns.setImmediate(this.#onTurn)
  }

  #moveTo(place: number): void {
    const { pending, sockets } = this.#table
    if (pending[place] !== 0) this.#isGrouped = false
    if (this.#lastPlace >= 0 && sockets[place] !== sockets[this.#lastPlace]) this.#socketChanges++
    this.#lastPlace = place
  }

  #leaveOutRefused(): void {
    const queue = this.#queue
    const { pending } = this.#table
    const sendable = new Int32Array(queue.count)
    let count = 0
    for (let i = 0; i < queue.count; i++) {
      if ((queue.lengths[i] as number) >= 0) sendable[count++] = i
      else (pending[queue.places[i] as number] as number)--
    }
    queue.retain(sendable, count)
    this.#refused = 0
  }

  #send(): void {
    const queue = this.#queue
    const { pending } = this.#table
    this.seal()
    if (this.#refused > 0) this.#leaveOutRefused()
    const { count, places } = queue
    const kept = this.#kernel.send(queue, this.#socketChanges > 1, this.#isGrouped)
    for (let i = 0; i < count; i++) pending[places[i] as number] = 0
    this.#lastPlace = -1
    this.#isGrouped = true
    this.#socketChanges = 0
    if (kept === 0) {
      queue.clear()
      this.#size = queue.arena.memory.length
      return
    }
    queue.retain(this.#kernel.kept, kept)
    for (let i = 0; i < kept; i++) (pending[queue.places[i] as number] as number)++
    // They lie behind each other by socket, but what comes now does not.
    this.#socketChanges = 2
    this.#retry = this.#turns.setTimeout(this.#onRetry, RETRY_MS)
  }
}
