/** The shared UDP port of a shard: real sockets around the pure `DatagramMux`. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { BroadcastError } from '../../errors.js'
import type { Clock } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import type { Scheduler } from '../../util/scheduler.js'
import { hostCandidates } from '../ice/host-candidates.js'
import type { TransportCandidate } from '../ice/ice-types.js'
import { DatagramMux } from './datagram-mux.js'
import { PortableDatagramSender } from './datagram-sender.js'
import { createMuxCounters } from './mux-counters.js'
import { type BoundSocket, openUdpSockets } from './udp-sockets.js'

export type { MuxCounters } from './mux-counters.js'

const log = createLog('mux')

/** What the port is opened with. */
export interface UdpMuxConfig {
  /** Literal addresses to bind, e.g. `['0.0.0.0', '::']`; an IPv6 socket takes IPv6 only. */
  readonly listenIps: readonly string[]
  /** True if an IPv6 wildcard that the machine does not have is to be left out instead of failing. */
  readonly optionalIpv6?: boolean
  /** 0 for any free one; the same number on every socket. */
  readonly port: number
  /** The addresses to put into candidates instead of the local ones, for a machine behind NAT. */
  readonly announceIps: readonly string[]
  /** Size of the kernel's buffers, as far as the system allows. */
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
  /** Bound of the bytes that wait for the kernel; beyond it, datagrams are dropped and counted. */
  readonly sendQueueBytes: number
}

/** One UDP port with all the peers of a shard behind it. */
export class UdpMux extends DatagramMux {
  readonly #sockets: readonly BoundSocket[]
  readonly #portableSender: PortableDatagramSender
  #closing: Promise<void> | undefined

  /** The port's number, the same on every socket. */
  readonly port: number
  /** What an answer lists as candidates, best first. */
  readonly candidates: readonly TransportCandidate[]

  private constructor(config: UdpMuxConfig, sockets: readonly BoundSocket[], clock: Clock) {
    const counters = createMuxCounters()
    const sender = new PortableDatagramSender(
      sockets.map((bound) => bound.socket),
      config.sendQueueBytes,
      counters,
    )
    super(
      sender,
      counters,
      sockets.map((bound) => bound.family),
      clock,
    )
    this.#sockets = sockets
    this.#portableSender = sender
    this.port = (sockets[0] as BoundSocket).socket.address().port
    const boundIps = sockets.map((bound) => bound.ip)
    this.candidates = hostCandidates(boundIps, config.announceIps, this.port, networkInterfaces())
    sockets.forEach(({ socket }, index) => {
      socket.on('message', (datagram, from) => this.receive(datagram, from.address, from.port, index))
      socket.on('error', (error) => {
        // Such as an ICMP error of some peer, which must not take the port away from all the others.
        counters.socketErrors++
        log('socket error: %s', error.message)
      })
    })
  }

  /**
   * Opens the port. Rejects with a BroadcastError: `socket-failed` if the system refuses, `option-invalid` for what is not an IP address.
   *
   * @param _scheduler of the shard, for senders that batch; the portable one needs no timer.
   */
  static async open(config: UdpMuxConfig, clock: Clock, _scheduler: Scheduler): Promise<UdpMux> {
    for (const ip of config.announceIps) {
      if (isIP(ip) === 0) {
        throw new BroadcastError('option-invalid', `announced address ${JSON.stringify(ip)} is not an IP address`, {
          details: { option: 'announceIps' },
        })
      }
    }
    const sockets = await openUdpSockets({ ...config, optionalIpv6: config.optionalIpv6 ?? false })
    return new UdpMux(config, sockets, clock)
  }

  /** Closes the sockets; peers are closed by who made them, before. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(
      this.#sockets.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    ).then(() => undefined)
    this.#portableSender.close()
    return this.#closing
  }
}
