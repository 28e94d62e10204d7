/**
 * Ports of their own for the peers that offers of ours are for. What comes from an address belongs to one peer of a port; with the shared port at either
 * end, two servers could have only one session between them. Checks go out from here, so nothing has to be let in from outside.
 */
import { BroadcastError } from '../errors.js'
import { UdpMux, type UdpMuxConfig } from '../transport/udp/udp-mux.js'
import type { Clock } from '../util/clock.js'
import { createLog } from '../util/log.js'
import type { Scheduler } from '../util/scheduler.js'

const log = createLog('shard')

/** See the top of the file. */
export class OfferPorts {
  readonly #config: UdpMuxConfig
  readonly #clock: Clock
  readonly #scheduler: Scheduler
  /** By peer; undefined while one is being opened. */
  readonly #ports = new Map<string, UdpMux | undefined>()
  readonly #closing = new Set<Promise<void>>()

  /** @param config of the shared port; `counters` are those that all of them count in. */
  constructor(config: UdpMuxConfig, clock: Clock, scheduler: Scheduler) {
    // By TCP nobody would come here.
    const { iceTcp: _, ...rest } = config
    this.#config = { ...rest, port: 0 }
    this.#clock = clock
    this.#scheduler = scheduler
  }

  /** Opens one for that peer. Rejects with `socket-failed`, with `closed` if it was released meanwhile. */
  async open(peerId: string): Promise<UdpMux> {
    this.#ports.set(peerId, undefined)
    try {
      const mux = await UdpMux.open(this.#config, this.#clock, this.#scheduler)
      if (this.#ports.has(peerId)) {
        this.#ports.set(peerId, mux)
        return mux
      }
      this.#close(mux)
    } catch (error) {
      this.#ports.delete(peerId)
      throw error
    }
    throw new BroadcastError('closed', 'the session has ended')
  }

  /** The peer has gone, if it ever had one. What it has said last is out. */
  release(peerId: string): void {
    const mux = this.#ports.get(peerId)
    this.#ports.delete(peerId)
    if (mux) this.#close(mux)
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    for (const peerId of [...this.#ports.keys()]) this.release(peerId)
    await Promise.all(this.#closing)
  }

  #close(mux: UdpMux): void {
    const closing = mux
      .close()
      .catch((error: unknown) => log('port %d: not closed: %O', mux.port, error))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}
