/**
 * One TCP connection of a peer (RFC 6544, section 5): packets in, packets out, and a bound on everything. Its address is a peer's like any
 * other's once an authenticated check has come over it; until then it may stay a short while, and say little.
 */
import type { Socket } from 'node:net'
import type { Deadline, Scheduler } from '../../util/scheduler.js'
import type { DatagramMux } from '../udp/datagram-mux.js'
import { AddressEntry, type StreamPath } from '../udp/mux-peer.js'
import { FrameReader } from './frame-reader.js'
import { FrameWriter } from './frame-writer.js'
import type { IceTcpConfig } from './ice-tcp-config.js'

/** No check is longer (the mux would not take it). What is no client of ICE, such as HTTP or TLS, ends here with its first two bytes. */
const MAX_CHECK_BYTES = 1280
/** What comes from a peer: packets as they fit into one of UDP's, and jumbo frames. */
const MAX_FRAME_BYTES = 9000
/** A client that has the right credentials needs one, and a second one if there is a role conflict. */
const MAX_PENDING_FRAMES = 8
/** Those packets with their lengths: empty packets come for nothing otherwise. */
const MAX_PENDING_BYTES = MAX_PENDING_FRAMES * (MAX_CHECK_BYTES + 2)
/** A peer's connection over which nothing has come for so long is dead, or not used: checks come every 25 s or more often. */
export const TCP_IDLE_MS = 60_000
/** Time to take what was sent last. */
export const TCP_LINGER_MS = 2000
/** Beyond this part of the queue, video is held back before it gets here, where it can still be dropped up to a keyframe. */
const BACKLOG_SHARE = 1 / 8

/** What is needed of a socket; `net.Socket`, or a test's. */
export type StreamSocket = Pick<Socket, 'write' | 'writableLength' | 'end' | 'destroy'> & {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown
}

/** What a connection needs of the port that it is on. */
export interface TcpConnectionHost {
  readonly mux: DatagramMux
  readonly scheduler: Scheduler
  readonly config: IceTcpConfig
  /** Calls `flush` at the end of this turn of the event loop. */
  flushLater(connection: TcpConnection): void
  /** It has passed an authenticated check. */
  onValidated(connection: TcpConnection): void
  /** It is over. */
  onClosed(connection: TcpConnection): void
}

/** See the top of the file. */
export class TcpConnection implements StreamPath {
  readonly address: AddressEntry
  readonly #host: TcpConnectionHost
  readonly #socket: StreamSocket
  readonly #reader = new FrameReader(MAX_CHECK_BYTES)
  readonly #writer: FrameWriter
  readonly #maxQueueBytes: number
  #deadline: Deadline
  #state: 'pending' | 'validated' | 'closing' | 'closed' = 'pending'
  #pendingFrames = 0
  #pendingBytes = 0
  #lastInMs: number

  /** @param socketIndex stands for the listener in `AddressEntry.socket`. */
  constructor(
    host: TcpConnectionHost,
    socket: StreamSocket,
    ip: string,
    port: number,
    family: 4 | 6,
    socketIndex: number,
  ) {
    const { config, scheduler } = host
    this.#host = host
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    this.#maxQueueBytes = config.maxQueueBytes
    this.address = new AddressEntry(ip, port, family, socketIndex, this)
    this.#lastInMs = scheduler.clock.nowMs()
    this.#deadline = scheduler.after(config.checkTimeoutMs, () => this.#timeOut())
    socket.on('data', (chunk) => this.#receive(chunk))
    // Whoever closes one half has said everything; nobody waits for long until the other half is read.
    socket.on('end', () => this.#linger())
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  /** True until an authenticated check has come. */
  get isPending(): boolean {
    return this.#state === 'pending'
  }

  /** True if its peer sends and is sent to another way. */
  get isSpare(): boolean {
    return !this.address.isSelected
  }

  get backlogged(): boolean {
    return this.#state === 'validated' && this.#writer.queuedBytes >= this.#maxQueueBytes * BACKLOG_SHARE
  }

  hasRoom(length: number): boolean {
    if (this.#writer.queuedBytes + length <= this.#maxQueueBytes) return true
    this.#host.mux.counters.tcpQueueFull++
    return false
  }

  send(buffer: Buffer, offset: number, length: number): boolean {
    if (this.#state === 'closing' || this.#state === 'closed' || !this.hasRoom(length)) return false
    if (this.#writer.isEmpty) this.#host.flushLater(this)
    this.#writer.add(buffer, offset, length)
    return true
  }

  /** Hands what was sent to the socket. */
  flush(): void {
    if (this.#state !== 'closed') this.#writer.flush()
  }

  release(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.flush()
    this.#linger()
    this.#socket.end()
  }

  /** Ends it at once. Idempotent. */
  destroy(): void {
    if (this.#state === 'closed') return
    this.#socket.destroy()
    this.#closed()
  }

  #receive(chunk: Buffer): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#lastInMs = this.#host.scheduler.clock.nowMs()
    if (this.#reader.push(chunk, this.#onFrame) && !this.#saysTooMuch(chunk.length)) return
    // The peer may have been closed by what it said, and this with it.
    if (this.#state === 'pending' || this.#state === 'validated') {
      this.#host.mux.counters.tcpMalformed++
      this.destroy()
    }
  }

  #saysTooMuch(bytes: number): boolean {
    if (this.#state !== 'pending') return false
    this.#pendingBytes += bytes
    return this.#pendingBytes > MAX_PENDING_BYTES
  }

  // One function for all packets: no closure per chunk.
  readonly #onFrame = (frame: Buffer): boolean => {
    if (this.#state === 'pending' && ++this.#pendingFrames > MAX_PENDING_FRAMES) return false
    this.#host.mux.receiveFrom(frame, this.address)
    if (this.#state === 'pending' && this.address.owner !== undefined) this.#validated()
    return this.#state === 'pending' || this.#state === 'validated'
  }

  #validated(): void {
    const { scheduler } = this.#host
    this.#state = 'validated'
    this.#reader.maxFrameBytes = MAX_FRAME_BYTES
    this.#deadline.cancel()
    this.#deadline = scheduler.after(TCP_IDLE_MS, () => this.#checkIdle())
    this.#host.onValidated(this)
  }

  #checkIdle(): void {
    const { scheduler } = this.#host
    const dueMs = this.#lastInMs + TCP_IDLE_MS
    if (scheduler.clock.nowMs() >= dueMs) this.#timeOut()
    else this.#deadline = scheduler.at(dueMs, () => this.#checkIdle())
  }

  #timeOut(): void {
    this.#host.mux.counters.tcpTimedOut++
    this.destroy()
  }

  /** Nothing is read or sent from now on; what waits for the kernel has a moment to leave. */
  #linger(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#deadline.cancel()
    this.#deadline = this.#host.scheduler.after(TCP_LINGER_MS, () => this.destroy())
    this.#host.mux.lose(this.address)
  }

  #closed(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#deadline.cancel()
    this.#host.mux.lose(this.address)
    this.#host.onClosed(this)
  }
}
