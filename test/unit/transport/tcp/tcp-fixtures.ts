/** TCP connections without sockets, on virtual time. */
import { EventEmitter } from 'node:events'
import { DEFAULT_ICE_TCP, type IceTcpConfig } from '../../../../src/transport/tcp/ice-tcp-config.js'
import type { StreamSocket } from '../../../../src/transport/tcp/tcp-connection.js'
import { TcpConnections } from '../../../../src/transport/tcp/tcp-connections.js'
import { createWorld } from '../transport-fixtures.js'

/** A socket whose network takes everything, until `blocked`. */
export class FakeTcpSocket extends EventEmitter implements StreamSocket {
  blocked = false
  ended = false
  destroyed = false
  #waiting = 0
  #out: Buffer = Buffer.alloc(0)

  get writableLength(): number {
    return this.#waiting
  }
  write = ((bytes: Buffer) => {
    if (this.blocked) this.#waiting += bytes.length
    this.#out = Buffer.concat([this.#out, bytes])
    return !this.blocked
  }) as StreamSocket['write']
  end = (() => {
    this.ended = true
    return this
  }) as unknown as StreamSocket['end']
  destroy = (() => {
    this.destroyed = true
    return this
  }) as unknown as StreamSocket['destroy']

  /** The network is ready again. */
  drain(): void {
    this.blocked = false
    this.#waiting = 0
  }
  /** The packets that were written since the last call. */
  take(): Buffer[] {
    const frames: Buffer[] = []
    for (let at = 0; at < this.#out.length; at += 2 + this.#out.readUInt16BE(at)) {
      frames.push(this.#out.subarray(at + 2, at + 2 + this.#out.readUInt16BE(at)))
    }
    this.#out = Buffer.alloc(0)
    return frames
  }
  /** The packet comes from the client. */
  arrive(packet: Buffer): void {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(packet.length)
    this.emit('data', Buffer.concat([length, packet]))
  }
}

/** A mux that takes TCP connections. */
export function createTcpWorld(config: Partial<IceTcpConfig> = {}) {
  const world = createWorld()
  let deferred: (() => void)[] = []
  const connections = new TcpConnections(world.mux, world.scheduler, { ...DEFAULT_ICE_TCP, ...config }, (fn) => {
    deferred.push(fn)
  })
  return {
    ...world,
    connections,
    /** A connection from `ip port`. */
    connect(from = '192.0.2.1 5000'): FakeTcpSocket {
      const [ip = '', port] = from.split(' ')
      const socket = new FakeTcpSocket()
      const family = ip.includes(':') ? 6 : 4
      connections.accept(socket, ip, Number(port), family, family === 4 ? 2 : 3)
      return socket
    },
    /** The turn of the event loop ends. */
    endTurn(): void {
      const fns = deferred
      deferred = []
      for (const fn of fns) fn()
    },
  }
}
