/** Traffic and losses so far, of the whole and of some broadcasts. */
import type { DashboardBroadcast, DashboardTarget, DashboardTotals, SessionStats } from './dashboard-target.js'
import type { LossyTotals } from './traffic-rate.js'

/** Asks `target` for the whole, and those `broadcasts` for theirs; what is closing is left out. Rejects with `closed`. */
export async function readTotals(
  target: Pick<DashboardTarget, 'stats'>,
  broadcasts: readonly DashboardBroadcast[],
): Promise<DashboardTotals> {
  const [{ totals }, ...stats] = await Promise.all([
    target.stats(),
    ...broadcasts.map((broadcast) => broadcast.stats().catch(() => undefined)),
  ])
  const named = stats.flatMap((snapshot): [string, LossyTotals][] =>
    snapshot === undefined ? [] : [[snapshot.name, { ...snapshot.totals, ...lossesOf(snapshot.sessions) }]],
  )
  const sum = (field: 'packetsLostIn' | 'packetsLostOut'): number =>
    named.reduce((total, [, losses]) => total + losses[field], 0)
  const losses = { packetsLostIn: sum('packetsLostIn'), packetsLostOut: sum('packetsLostOut') }
  return { whole: { ...totals, ...losses }, broadcasts: new Map(named) }
}

function lossesOf(sessions: readonly SessionStats[]): Pick<LossyTotals, 'packetsLostIn' | 'packetsLostOut'> {
  return {
    packetsLostIn: sessions.reduce((total, { ingest }) => total + (ingest?.packetsLost ?? 0), 0),
    packetsLostOut: sessions.reduce((total, { egress }) => total + (egress?.packetsLost ?? 0), 0),
  }
}
