/**
 * All TCP connections of one port, and how many there may be. When there are too many, one makes room that nobody needs: the one that has waited
 * longest for its first check, then one over which its peer does not send. Real clients check at once, so a flood of connections that
 * say nothing pushes out itself.
 */
import { addressKey } from '../../util/address-key.js'
import type { Scheduler } from '../../util/scheduler.js'
import type { DatagramMux } from '../udp/datagram-mux.js'
import type { IceTcpConfig } from './ice-tcp-config.js'
import { type StreamSocket, TcpConnection, type TcpConnectionHost } from './tcp-connection.js'

/** Calls `fn` at the end of this turn of the event loop. */
export type Defer = (fn: () => void) => void

/** The connections of one port. */
export class TcpConnections implements TcpConnectionHost {
  /** In the order in which they came, both. */
  readonly #all = new Map<TcpConnection, string | undefined>()
  readonly #pending = new Set<TcpConnection>()
  readonly #perAddress = new Map<string, number>()
  #unflushed: TcpConnection[] = []

  constructor(
    readonly mux: DatagramMux,
    readonly scheduler: Scheduler,
    readonly config: IceTcpConfig,
    readonly defer: Defer = (fn) => void setImmediate(fn),
  ) {}

  /** How many there are. */
  get size(): number {
    return this.#all.size
  }

  /** How many of them have not passed a check. */
  get pendingCount(): number {
    return this.#pending.size
  }

  /** Takes a connection that was just accepted, or destroys it; loopback addresses are not counted each, as a proxy here may stand for many. */
  accept(socket: StreamSocket, ip: string, port: number, family: 4 | 6, socketIndex: number): void {
    const { config } = this
    const { counters } = this.mux
    counters.tcpAccepted++
    const key = addressKey(ip)
    const ofAddress = key === undefined ? 0 : (this.#perAddress.get(key) ?? 0)
    const hasRoom =
      (ofAddress < config.maxConnectionsPerAddress || this.#evict(key)) &&
      (this.#all.size < config.maxConnections || this.#evict())
    if (!hasRoom) {
      counters.tcpRefused++
      // Without a listener its errors would be thrown.
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    if (this.#pending.size >= config.maxPendingConnections) this.#evict()
    const connection = new TcpConnection(this, socket, ip, port, family, socketIndex)
    this.#all.set(connection, key)
    this.#pending.add(connection)
    if (key !== undefined) this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1)
  }

  flushLater(connection: TcpConnection): void {
    if (this.#unflushed.length === 0) this.defer(this.#flush)
    this.#unflushed.push(connection)
  }

  onValidated(connection: TcpConnection): void {
    this.#pending.delete(connection)
  }

  onClosed(connection: TcpConnection): void {
    this.#pending.delete(connection)
    const key = this.#all.get(connection)
    this.#all.delete(connection)
    if (key === undefined) return
    const count = (this.#perAddress.get(key) ?? 0) - 1
    if (count > 0) this.#perAddress.set(key, count)
    else this.#perAddress.delete(key)
  }

  /** Ends all of them. */
  close(): void {
    for (const connection of [...this.#all.keys()]) connection.destroy()
  }

  readonly #flush = (): void => {
    const connections = this.#unflushed
    this.#unflushed = []
    for (const connection of connections) connection.flush()
  }

  /** Ends one that nobody needs, of that address if one is given; false if there is none. */
  #evict(key?: string): boolean {
    const victim = this.#dispensable(key)
    if (victim === undefined) return false
    this.mux.counters.tcpEvicted++
    victim.destroy()
    return true
  }

  #dispensable(key: string | undefined): TcpConnection | undefined {
    const matches = (connection: TcpConnection) => key === undefined || this.#all.get(connection) === key
    for (const connection of this.#pending) if (matches(connection)) return connection
    for (const connection of this.#all.keys()) if (connection.isSpare && matches(connection)) return connection
    return undefined
  }
}
