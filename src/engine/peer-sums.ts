/** Arithmetic on the sums over peers. */
import { createEgressSums } from '../media/egress/egress-sums.js'
import { createIngestSums } from '../media/ingest/ingest-sums.js'
import { noDrops, noTraffic } from '../transport/peer-transport-stats.js'
import { addNumbers } from '../util/number-tree.js'
import type { BroadcastSums, PeerSums } from './types.js'

/** Sums at zero. */
export function createPeerSums(): PeerSums {
  return {
    transport: { traffic: noTraffic(), dropped: noDrops() },
    ingest: createIngestSums(),
    egress: createEgressSums(),
  }
}

/** What of the sums is kept for each broadcast. */
export function broadcastSums({ transport: { traffic }, ingest, egress }: PeerSums): BroadcastSums {
  return {
    rtpPacketsIn: traffic.rtpPacketsIn,
    rtpBytesIn: traffic.rtpBytesIn,
    rtpPacketsOut: traffic.rtpPacketsOut,
    rtpBytesOut: traffic.rtpBytesOut,
    packetsLostIn: ingest.packetsLost,
    packetsLostOut: egress.packetsLost,
    retransmittedPackets: egress.retransmittedPackets,
    keyframeRequestsIn: egress.pliReceived + egress.firReceived,
    keyframeRequestsOut: ingest.pliSent + ingest.firSent,
    keyframesReceived: ingest.keyframesReceived,
  }
}

/** The sum of two. */
export function sumBroadcastSums(a: BroadcastSums, b: BroadcastSums): BroadcastSums {
  const sum = { ...a }
  addNumbers(sum, b)
  return sum
}
