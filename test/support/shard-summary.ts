/** Summaries of shards as tests want them. */
import { createPeerSums } from '../../src/engine/peer-sums.js'
import type { BroadcastSums, ShardSummary } from '../../src/engine/types.js'
import { createEgressLevels } from '../../src/media/egress/egress-sums.js'
import { createMuxCounters } from '../../src/transport/udp/mux-counters.js'
import { Histogram } from '../../src/util/histogram.js'

/** A shard that has counted nothing but what `parts` say. */
export function shardSummary(parts: Partial<ShardSummary> = {}): ShardSummary {
  return {
    shard: 0,
    openedAtUnixMs: 1,
    tcpConnections: 0,
    publishers: 0,
    viewers: 0,
    datagrams: createMuxCounters(),
    pipes: { droppedOut: 0, droppedIn: 0 },
    internalErrors: 0,
    sums: createPeerSums(),
    levels: createEgressLevels(),
    layerChanges: {},
    rttSeconds: new Histogram([0.1, 1]).snapshot(),
    firstVideoSeconds: new Histogram([0.1, 1]).snapshot(),
    broadcasts: [],
    ...parts,
  }
}

/** A broadcast of which so many packets were sent to viewers. */
export function packetsOut(rtpPacketsOut: number): BroadcastSums {
  return {
    rtpPacketsIn: 0,
    rtpBytesIn: 0,
    rtpPacketsOut,
    rtpBytesOut: 0,
    packetsLostIn: 0,
    packetsLostOut: 0,
    retransmittedPackets: 0,
    keyframeRequestsIn: 0,
    keyframeRequestsOut: 0,
    keyframesReceived: 0,
  }
}
