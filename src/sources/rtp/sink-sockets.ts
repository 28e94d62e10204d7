/** The sockets of a sink of plain RTP, and where each of its streams goes with them. */
import type { Socket } from 'node:dgram'
import { createSrtpReceiver } from '../../transport/srtp/create-srtp.js'
import { type RemoteAddress, SRTP_REFUSED, type SrtpReceiver } from '../../transport/types.js'
import { classifyDatagram, DATAGRAM_KIND } from '../../transport/udp/classify-datagram.js'
import { isLoopback } from '../../transport/udp/ip-address.js'
import type { PlainRoutes } from './plain-output.js'
import { openPortPairs, type PortPair } from './port-pair.js'
import type { RtpSinkConfig } from './rtp-sink-options.js'
import { srtpKeys } from './srtp-key.js'

/** RTCP that came back to a sink and was not listened to, in datagrams. */
export interface RtpSinkRefused {
  /** From other addresses than the one that is sent to. */
  foreign: number
  /** No RTCP. */
  malformed: number
  /** Not protected with the key, or received before. */
  unauthentic: number
}

/** Opens the sockets: on this machine alone if that is where the packets go. */
export function openSinkSockets(config: RtpSinkConfig): Promise<readonly PortPair[]> {
  const everywhere = config.family === 4 ? '0.0.0.0' : '::'
  const loopback = config.family === 4 ? '127.0.0.1' : '::1'
  const listenIp = isLoopback(config.host) ? loopback : everywhere
  return openPortPairs(config.targets.map(({ localPort }) => ({ listenIp, port: localPort, rtcpMux: config.rtcpMux })))
}

/** All sockets, in the order that the addresses of {@link SinkRoutes} count them. */
export function socketsOf(pairs: readonly PortPair[]): readonly Socket[] {
  return pairs.flatMap(({ rtp, rtcp }) => (rtcp === undefined ? [rtp] : [rtp, rtcp]))
}

/** Where the streams go. */
export class SinkRoutes implements PlainRoutes {
  /** Every compound goes to all: a goodbye is for everybody, but said once. */
  leaving = false
  readonly #rtp: readonly RemoteAddress[]
  readonly #rtcp: readonly (readonly RemoteAddress[])[]
  readonly #all: readonly RemoteAddress[]
  readonly #ssrcs: readonly number[]

  /** @param ssrcs of the streams, in the order of the targets. */
  constructor({ host, family, targets, rtcpMux }: RtpSinkConfig, ssrcs: readonly number[]) {
    const perTarget = rtcpMux ? 1 : 2
    const address = (port: number, socket: number): RemoteAddress => ({ ip: host, family, port, socket })
    this.#ssrcs = ssrcs
    this.#rtp = targets.map(({ port }, i) => address(port, perTarget * i))
    this.#rtcp = targets.map(({ port }, i) => (rtcpMux ? [address(port, i)] : [address(port + 1, perTarget * i + 1)]))
    this.#all = this.#rtcp.flat()
  }

  rtp(ssrc: number): RemoteAddress | undefined {
    return this.#rtp[this.#ssrcs.indexOf(ssrc)]
  }

  rtcp(ssrc: number): readonly RemoteAddress[] {
    return this.leaving ? this.#all : (this.#rtcp[this.#ssrcs.indexOf(ssrc)] ?? [])
  }
}

/** Listens to the RTCP that comes back. */
export class SinkFeedback {
  readonly refused: RtpSinkRefused = { foreign: 0, malformed: 0, unauthentic: 0 }
  readonly #host: string
  readonly #srtp: SrtpReceiver | undefined
  readonly #take: (buffer: Buffer, end: number) => void

  /** @param take gets a plain compound packet `buffer[0, end)`. */
  constructor({ host, srtp }: RtpSinkConfig, take: (buffer: Buffer, end: number) => void) {
    this.#host = host
    this.#srtp = srtp && createSrtpReceiver(srtpKeys(srtp))
    this.#take = take
  }

  /** Takes a datagram. Never throws. */
  receive(datagram: Buffer, ip: string): void {
    if (ip !== this.#host) {
      this.refused.foreign++
      return
    }
    if (classifyDatagram(datagram, 0, datagram.length) !== DATAGRAM_KIND.rtcp) {
      this.refused.malformed++
      return
    }
    const end = this.#srtp?.unprotectRtcp(datagram, 0, datagram.length) ?? datagram.length
    if (end >= 0) this.#take(datagram, end)
    else if (end === SRTP_REFUSED.malformed) this.refused.malformed++
    else this.refused.unauthentic++
  }
}
