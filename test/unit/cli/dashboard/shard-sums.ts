/** What a shard has summed up, as far as the dashboard looks at it. */
import type { SfuShardSummary } from '../../../../src/broadcast/stats.js'

const traffic = (bytesIn: number) => ({
  rtpPacketsIn: bytesIn / 100,
  rtpBytesIn: bytesIn,
  rtpPacketsOut: bytesIn / 50,
  rtpBytesOut: bytesIn * 2,
})

/** A shard that got so many bytes, of which each of `broadcasts` got some; a tenth of the packets was lost each way. */
export function shardSums(bytesIn: number, broadcasts: Readonly<Record<string, number>> = {}): SfuShardSummary {
  const summary = {
    sums: {
      transport: { traffic: traffic(bytesIn) },
      ingest: { packetsLost: bytesIn / 1000 },
      egress: { packetsLost: bytesIn / 500 },
    },
    broadcasts: Object.entries(broadcasts).map(([name, bytes]) => ({
      name,
      sums: { ...traffic(bytes), packetsLostIn: bytes / 1000, packetsLostOut: bytes / 500 },
    })),
  }
  return summary as unknown as SfuShardSummary
}
