/** Traffic and losses so far, of the whole and of some broadcasts: sums that are made where the media is. */
import type { BroadcastSums } from '../../engine/types.js'
import type { DashboardTarget, DashboardTotals } from './dashboard-target.js'
import type { LossyTotals } from './traffic-rate.js'

const NOTHING: LossyTotals = {
  rtpPacketsIn: 0,
  rtpBytesIn: 0,
  rtpPacketsOut: 0,
  rtpBytesOut: 0,
  packetsLostIn: 0,
  packetsLostOut: 0,
}

/** Asks `target` for the whole, and for the broadcasts of these names. Rejects with `closed`. */
export async function readTotals(
  target: Pick<DashboardTarget, 'summary'>,
  names: readonly string[],
): Promise<DashboardTotals> {
  const { shards } = await target.summary(names)
  const broadcasts = new Map<string, LossyTotals>()
  let whole = NOTHING
  for (const { sums, broadcasts: ofShard } of shards) {
    const { transport, ingest, egress } = sums
    const losses = { packetsLostIn: ingest.packetsLost, packetsLostOut: egress.packetsLost }
    whole = sumOf(whole, { ...transport.traffic, ...losses })
    for (const { name, sums } of ofShard) broadcasts.set(name, sumOf(broadcasts.get(name) ?? NOTHING, sums))
  }
  return { whole, broadcasts }
}

function sumOf(a: LossyTotals, b: LossyTotals | BroadcastSums): LossyTotals {
  return {
    rtpPacketsIn: a.rtpPacketsIn + b.rtpPacketsIn,
    rtpBytesIn: a.rtpBytesIn + b.rtpBytesIn,
    rtpPacketsOut: a.rtpPacketsOut + b.rtpPacketsOut,
    rtpBytesOut: a.rtpBytesOut + b.rtpBytesOut,
    packetsLostIn: a.packetsLostIn + b.packetsLostIn,
    packetsLostOut: a.packetsLostOut + b.packetsLostOut,
  }
}
