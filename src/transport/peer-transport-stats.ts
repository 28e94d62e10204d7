/** What a peer's transport counts. */
import type { SrtpProfile } from './types.js'

/** The states of a peer's transport, the words of `RTCPeerConnection.connectionState` as far as they apply. */
export type PeerTransportState = 'connecting' | 'connected' | 'disconnected' | 'closed'

/** Input of one peer that was dropped, and output that could not go out. */
export interface PeerTransportDrops {
  /** SRTP or SRTCP with a wrong authentication tag. */
  srtpAuthentication: number
  /** SRTP or SRTCP that came before, or is too old to tell. */
  srtpReplay: number
  /** Not a whole SRTP or SRTCP packet. */
  srtpMalformed: number
  /** SRTP or SRTCP that came before the keys were known. */
  beforeConnected: number
  /** DTLS beyond what one peer may make us work for. */
  rateLimited: number
  /** Packets of ours for which the send queue had no room: the socket's, or that of the peer's TCP connection. */
  sendQueueFull: number
  /** Packets of ours that could not be encrypted, and so were not sent: the cipher failed, or the keys are used up. */
  unprotected: number
}

/** Traffic of one peer so far. Bytes are those of packets; the headers of IP, UDP and TCP, and the lengths within TCP, are left out. */
export interface PeerTransportTraffic {
  /** Everything that came from the peer's own addresses: STUN, DTLS, SRTP, SRTCP. */
  packetsIn: number
  bytesIn: number
  /** Everything that went out to the peer. */
  packetsOut: number
  bytesOut: number
  /** Authentic RTP packets, with what SRTP adds to them. */
  rtpPacketsIn: number
  rtpBytesIn: number
  rtpPacketsOut: number
  rtpBytesOut: number
  /** Authentic compound RTCP packets, with what SRTCP adds to them. */
  rtcpPacketsIn: number
  rtcpBytesIn: number
  rtcpPacketsOut: number
  rtcpBytesOut: number
}

/** Snapshot of a peer's transport. */
export interface PeerTransportStats extends Readonly<PeerTransportTraffic> {
  readonly state: PeerTransportState
  /** `ip:port` of the address that is sent to; undefined before any was validated. */
  readonly selectedAddress: string | undefined
  /** What carries the packets to that address. */
  readonly protocol: 'udp' | 'tcp' | undefined
  /** How often that address has changed. */
  readonly addressChanges: number
  /** Undefined before the connection is up. */
  readonly srtpProfile: SrtpProfile | undefined
  /** Round trip time of our own checks; undefined when the peer does the checking, as browsers do. */
  readonly rttMs: number | undefined
  readonly dropped: Readonly<PeerTransportDrops>
}

/** Sums over any number of peers. */
export interface PeerTransportSums {
  readonly traffic: PeerTransportTraffic
  readonly dropped: PeerTransportDrops
}

/** Traffic that stands at zero. */
export function noTraffic(): PeerTransportTraffic {
  return {
    packetsIn: 0,
    bytesIn: 0,
    packetsOut: 0,
    bytesOut: 0,
    rtpPacketsIn: 0,
    rtpBytesIn: 0,
    rtpPacketsOut: 0,
    rtpBytesOut: 0,
    rtcpPacketsIn: 0,
    rtcpBytesIn: 0,
    rtcpPacketsOut: 0,
    rtcpBytesOut: 0,
  }
}

/** Drops that stand at zero. */
export function noDrops(): PeerTransportDrops {
  return {
    srtpAuthentication: 0,
    srtpReplay: 0,
    srtpMalformed: 0,
    beforeConnected: 0,
    rateLimited: 0,
    sendQueueFull: 0,
    unprotected: 0,
  }
}

/** Adds what one peer has counted. Field by field: it is done for every viewer, and a loop over names takes ten times as long. */
export function addPeerTransport(
  sums: PeerTransportSums,
  own: Readonly<PeerTransportTraffic>,
  drops: Readonly<PeerTransportDrops>,
): void {
  const { traffic, dropped } = sums
  traffic.packetsIn += own.packetsIn
  traffic.bytesIn += own.bytesIn
  traffic.packetsOut += own.packetsOut
  traffic.bytesOut += own.bytesOut
  traffic.rtpPacketsIn += own.rtpPacketsIn
  traffic.rtpBytesIn += own.rtpBytesIn
  traffic.rtpPacketsOut += own.rtpPacketsOut
  traffic.rtpBytesOut += own.rtpBytesOut
  traffic.rtcpPacketsIn += own.rtcpPacketsIn
  traffic.rtcpBytesIn += own.rtcpBytesIn
  traffic.rtcpPacketsOut += own.rtcpPacketsOut
  traffic.rtcpBytesOut += own.rtcpBytesOut
  dropped.srtpAuthentication += drops.srtpAuthentication
  dropped.srtpReplay += drops.srtpReplay
  dropped.srtpMalformed += drops.srtpMalformed
  dropped.beforeConnected += drops.beforeConnected
  dropped.rateLimited += drops.rateLimited
  dropped.sendQueueFull += drops.sendQueueFull
  dropped.unprotected += drops.unprotected
}
