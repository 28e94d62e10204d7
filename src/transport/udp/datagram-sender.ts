/**
 * The portable way out: datagrams are written into one arena and handed to `dgram` as they are committed.
 *
 * Why it looks like this (measured per datagram of 1.1 kB, Node 20): `send(buffer, offset, length, …)` costs 1.6 us including the
 * system call, `send` of a fresh `subarray` the same, a callback 0.2 us more, DNS `lookup` per send much more, and asking
 * for the queue size 0.01 us.
 */
import type { Socket } from 'node:dgram'
import type { MediaSender, PacketSealer, RemoteAddress } from '../types.js'
import type { MuxCounters } from './mux-counters.js'

/** Small enough to stay in the processor's cache, large enough that an exchange is rare when the kernel is behind. */
const ARENA_BYTES = 256 * 1024
/** One send in so many carries a callback that sees its error. */
const CHECK_EVERY = 16
/** After an error, so many sends carry it. */
const CHECKS_AFTER_ERROR = 256

/** The sockets that a {@link PortableDatagramSender} sends with; `dgram`'s own, or a test's. */
export type SendSocket = Pick<Socket, 'send' | 'getSendQueueSize'>

/**
 * A `MediaSender` over `dgram`. What the kernel does not take at once waits in libuv's queue, up to a bound, and the arena it lies in
 * is left alone until it is sent. One reservation is open at a time: `reserve`, write, `commit`.
 */
export class PortableDatagramSender implements MediaSender {
  buffer = Buffer.allocUnsafeSlow(ARENA_BYTES)
  readonly #sockets: readonly SendSocket[]
  readonly #maxQueueBytes: number
  readonly #counters: MuxCounters
  #head = 0
  /** Never less than what is queued; exact only when it would exceed the bound. */
  #queuedBytesBound = 0
  #sends = 0
  #checksLeft = 0
  #closed = false

  /** @param sockets by the index that `RemoteAddress.socket` has. @param maxQueueBytes bound of what waits for the kernel. */
  constructor(sockets: readonly SendSocket[], maxQueueBytes: number, counters: MuxCounters) {
    this.#sockets = sockets
    this.#maxQueueBytes = maxQueueBytes
    this.#counters = counters
  }

  reserve(length: number): number {
    if (this.#closed || length > ARENA_BYTES) return -1
    if (this.#queuedBytesBound + length > this.#maxQueueBytes) {
      this.#queuedBytesBound = this.queuedBytes
      if (this.#queuedBytesBound + length > this.#maxQueueBytes) {
        this.#counters.sendQueueFull++
        return -1
      }
    }
    if (this.#head + length > ARENA_BYTES) {
      // libuv sends from where the datagram lies: as long as anything waits, the arena must not be written over.
      if (this.queuedBytes > 0) this.buffer = Buffer.allocUnsafeSlow(ARENA_BYTES)
      this.#head = 0
    }
    return this.#head
  }

  commit(offset: number, length: number, remote: RemoteAddress): void {
    const socket = this.#sockets[remote.socket]
    if (this.#closed) return
    if (socket === undefined) {
      // What a connection takes it copies, so its place in the arena is free again.
      if (!remote.stream?.send(this.buffer, offset, length)) return
      this.#counters.datagramsOut++
      this.#counters.bytesOut += length
      return
    }
    this.#head = offset + length
    this.#queuedBytesBound += length
    this.#counters.datagramsOut++
    this.#counters.bytesOut += length
    if (this.#checksLeft > 0 || ++this.#sends % CHECK_EVERY === 0) {
      if (this.#checksLeft > 0) this.#checksLeft--
      socket.send(this.buffer, offset, length, remote.port, remote.ip, this.#onSent)
    } else {
      socket.send(this.buffer, offset, length, remote.port, remote.ip)
    }
  }

  commitPlain(
    offset: number,
    headerLength: number,
    sealedLength: number,
    extSeq: number,
    sealer: PacketSealer,
    remote: RemoteAddress,
  ): void {
    if (sealer.seal(this.buffer, offset, headerLength, sealedLength, extSeq)) this.commit(offset, sealedLength, remote)
  }

  /** Nothing to do: each packet was encrypted when it was committed. */
  seal(): void {}

  /** Nothing to do: each datagram went out when it was committed. Waiting would save nothing, as `dgram` has no batches. */
  flush(): void {}

  /** Refuses everything from now on; the sockets belong to the mux. */
  close(): void {
    this.#closed = true
  }

  /** Bytes that wait for the kernel. */
  get queuedBytes(): number {
    if (this.#closed) return 0
    let bytes = 0
    for (const socket of this.#sockets) bytes += socket.getSendQueueSize()
    return bytes
  }

  // One function for all sends: no closure per packet.
  readonly #onSent = (error: Error | null): void => {
    if (error === null || this.#closed) return
    this.#counters.sendErrors++
    this.#checksLeft = CHECKS_AFTER_ERROR
  }
}
