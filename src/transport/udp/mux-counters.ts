/** What the shared port counts. Dropped input never causes an error, an answer or a log line: it is counted here. */

/** Plain numbers since the port was opened. What comes and goes over TCP counts as datagrams, too. */
export interface MuxCounters {
  datagramsIn: number
  bytesIn: number
  datagramsOut: number
  bytesOut: number
  /** Not one whole well-formed STUN message. */
  stunMalformed: number
  /** A request without USERNAME, or whose USERNAME is not that of a live session (both halves count). */
  stunUnknownUfrag: number
  /** MESSAGE-INTEGRITY missing or wrong. */
  stunBadIntegrity: number
  /** FINGERPRINT wrong. */
  stunBadFingerprint: number
  /** An indication, another method, or an authenticated request that had to be refused (unknown attribute, role conflict). */
  stunUnsupported: number
  /** A response to nothing that was asked. */
  stunUnknownTransaction: number
  /** An authenticated request from an address that another live session is using. */
  stunAddressInUse: number
  /** An authenticated request so short that its answer would have been larger. */
  stunReplyTooLarge: number
  /** A request for an offer of ours that has no answer yet. */
  stunBeforeAnswer: number
  /** DTLS from an address that passed no check. */
  dtlsUnknownAddress: number
  /** Checks and datagrams of handshakes of clients that were not connected, dropped as too many waited already; clients repeat them. */
  joinsPutOff: number
  /** SRTP or SRTCP from an address that passed no check. */
  srtpUnknownAddress: number
  /** Neither STUN nor DTLS nor RTP. */
  unclassified: number
  /** Datagrams dropped because the kernel did not take the earlier ones fast enough. */
  sendQueueFull: number
  /**
   * Datagrams that the kernel refused. One send in sixteen is looked at while all is well, every one after an error: exact
   * while there is trouble, and free otherwise.
   */
  sendErrors: number
  /** TCP connections that came. */
  tcpAccepted: number
  /** Those that were refused because there were too many. */
  tcpRefused: number
  /** Those that had to make room for newer ones: without a check yet, or not used for sending. */
  tcpEvicted: number
  /** Those that were ended because no authenticated check came in time, or nothing at all for a minute. */
  tcpTimedOut: number
  /** Those that were ended because what came was no packets of a client of ICE. */
  tcpMalformed: number
  /** Packets dropped because a connection's peer, or its network, did not take the earlier ones fast enough. */
  tcpQueueFull: number
  /** Errors that a socket reported on its own. */
  socketErrors: number
  /** Defects of manycast itself that a packet set off; each one closed its peer. */
  defects: number
}

/** Counters that all stand at zero. */
export function createMuxCounters(): MuxCounters {
  return {
    datagramsIn: 0,
    bytesIn: 0,
    datagramsOut: 0,
    bytesOut: 0,
    stunMalformed: 0,
    stunUnknownUfrag: 0,
    stunBadIntegrity: 0,
    stunBadFingerprint: 0,
    stunUnsupported: 0,
    stunUnknownTransaction: 0,
    stunAddressInUse: 0,
    stunReplyTooLarge: 0,
    stunBeforeAnswer: 0,
    dtlsUnknownAddress: 0,
    joinsPutOff: 0,
    srtpUnknownAddress: 0,
    unclassified: 0,
    sendQueueFull: 0,
    sendErrors: 0,
    tcpAccepted: 0,
    tcpRefused: 0,
    tcpEvicted: 0,
    tcpTimedOut: 0,
    tcpMalformed: 0,
    tcpQueueFull: 0,
    socketErrors: 0,
    defects: 0,
  }
}
