/** The words of ICE that the transport shares with its users (RFC 8839). */

/** One side's short-term credentials. */
export interface IceCredentials {
  readonly iceUfrag: string
  readonly icePwd: string
}

/** A candidate as `a=candidate` carries it (RFC 8839, section 5.1); the same shape as the one of `sdp/`. */
export interface TransportCandidate {
  readonly foundation: string
  /** 1 for RTP. */
  readonly component: number
  readonly protocol: 'udp' | 'tcp'
  readonly priority: number
  readonly ip: string
  readonly port: number
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay'
  readonly tcpType?: 'active' | 'passive' | 'so'
}

/** What the other side said of its ICE agent. */
export interface IceRemote extends IceCredentials {
  /** Where it can be reached, if it said so. */
  readonly candidates?: readonly TransportCandidate[]
  /** True when it is itself a lite agent, which never checks. */
  readonly iceLite?: boolean
}
