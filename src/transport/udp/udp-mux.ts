/** The shared media port of a shard, UDP and TCP under one number: real sockets around the pure `DatagramMux`. */
import type { Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import type { Scheduler } from '../../util/scheduler.js'
import {
  type AnnouncedAddress,
  type AnnounceHosts,
  type ResolveHost,
  resolveAnnounced,
} from '../ice/announced-addresses.js'
import { hostCandidates } from '../ice/host-candidates.js'
import type { TransportCandidate } from '../ice/ice-types.js'
import type { JoinQueue } from '../join-queue.js'
import type { IceTcpConfig } from '../tcp/ice-tcp-config.js'
import { TcpConnections } from '../tcp/tcp-connections.js'
import type { PortSender, UdpPath } from '../transport-path.js'
import { DatagramMux } from './datagram-mux.js'
import { type MediaSockets, openMediaSockets } from './media-sockets.js'
import { createMuxCounters, type MuxCounters } from './mux-counters.js'
import { ReportPolling } from './report-polling.js'

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
  readonly announceIps: readonly AnnouncedAddress[]
  /** Whether host names among them are refused or looked up; refused by default. */
  readonly announceHosts?: AnnounceHosts
  /** Takes TCP connections with these bounds (RFC 6544); only UDP if left out. */
  readonly iceTcp?: IceTcpConfig
  /** Size of the kernel's buffers, as far as the system allows. */
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
  /** Bound of the bytes that wait for the kernel; beyond it, datagrams are dropped and counted. */
  readonly sendQueueBytes: number
  /** Where what clients ask that are not connected waits behind media; it is done at once if left out. */
  readonly joins?: JoinQueue
  /** Where it counts, if others count there, too; counters of its own if left out. */
  readonly counters?: MuxCounters
  /** How sockets are opened and sent with. */
  readonly udp: UdpPath
}

/** One port with all the peers of a shard behind it. */
export class UdpMux extends DatagramMux {
  readonly #sockets: MediaSockets
  readonly #portSender: PortSender
  readonly #connections: TcpConnections | undefined
  readonly #reports: ReportPolling | undefined
  #closing: Promise<void> | undefined

  /** The port's number, the same on every socket. */
  readonly port: number
  /** What an answer lists as candidates, best first. */
  readonly candidates: readonly TransportCandidate[]

  private constructor(
    config: UdpMuxConfig,
    announced: readonly AnnouncedAddress[],
    sockets: MediaSockets,
    clock: Clock,
    scheduler: Scheduler,
  ) {
    const { udp, tcp } = sockets
    const counters = config.counters ?? createMuxCounters()
    const sender = config.udp.createSender(udp, config.sendQueueBytes, counters)
    const families = udp.map((bound) => bound.family)
    // The TCP listener of an address comes as far behind the UDP sockets as its UDP socket is among them.
    super(sender, counters, [...families, ...families.slice(0, tcp.length)], clock, config.joins)
    this.#sockets = sockets
    this.#portSender = sender
    this.port = sockets.port
    this.candidates = hostCandidates(
      { listenIps: udp.map((bound) => bound.ip), announced, port: this.port, tcp: tcp.length > 0 },
      networkInterfaces(),
    )
    this.#connections = config.iceTcp && new TcpConnections(this, scheduler, config.iceTcp)
    tcp.forEach((server, index) => {
      this.#acceptFrom(server, families[index] as 4 | 6, udp.length + index)
    })
    this.#reports = this.#pollReports()
    udp.forEach(({ socket }, index) => {
      socket.on('message', (datagram, from) => {
        this.receive(datagram, from.address, from.port, index)
        this.#reports?.noteArrival()
      })
      socket.on('error', (error) => {
        // Such as an ICMP error of some peer, which must not take the port away from all the others.
        counters.socketErrors++
        log('socket error: %s', error.message)
      })
    })
  }

  /**
   * Opens the port. Rejects with a BroadcastError: `socket-failed` if the system refuses, `option-invalid` for what is not an IP address,
   * `host-unresolved` for an announced host without an address.
   *
   * @param scheduler of the shard.
   * @param resolve looks up announced hosts; the system's by default.
   */
  static async open(config: UdpMuxConfig, clock: Clock, scheduler: Scheduler, resolve?: ResolveHost): Promise<UdpMux> {
    const announced = await resolveAnnounced(config.announceIps, config.announceHosts ?? 'refuse', resolve)
    const tcp = config.iceTcp !== undefined
    const { bind } = config.udp
    const sockets = await openMediaSockets({ ...config, bind, optionalIpv6: config.optionalIpv6 ?? false, tcp })
    return new UdpMux(config, announced, sockets, clock, scheduler)
  }

  /** How many TCP connections there are. */
  get connectionCount(): number {
    return this.#connections?.size ?? 0
  }

  /** Closes the sockets; peers are closed by who made them, before. Idempotent. */
  close(): Promise<void> {
    // Before the sockets: their descriptors are anybody's once they are closed.
    this.#portSender.close()
    this.#reports?.close()
    this.#closing ??= this.#sockets.close()
    this.#connections?.close()
    return this.#closing
  }

  /** Undefined where the sockets bring everything themselves. */
  #pollReports(): ReportPolling | undefined {
    const readings = this.#sockets.udp.flatMap(({ reports }, index) => {
      if (reports === undefined) return []
      const take = (buffer: Buffer, start: number, end: number, ip: string, port: number): void =>
        this.receiveReport(buffer, start, end, ip, port, index)
      return [() => reports.read(take)]
    })
    if (readings.length === 0) return undefined
    const read = (): number => {
      let count = 0
      for (const reading of readings) count += reading()
      return count
    }
    return new ReportPolling(read, () => this.peerCount > 0)
  }

  #acceptFrom(server: Server, family: 4 | 6, socketIndex: number): void {
    server.on('connection', (socket) => {
      const { remoteAddress, remotePort } = socket
      // It may be over before it is here.
      if (remoteAddress === undefined || remotePort === undefined) socket.destroy()
      else this.#connections?.accept(socket, remoteAddress, remotePort, family, socketIndex)
    })
    server.on('error', (error) => {
      // Such as a connection that there was no file descriptor for; the port goes on.
      this.counters.socketErrors++
      log('listener error: %s', error.message)
    })
  }
}
