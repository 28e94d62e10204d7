/** Shares a rate among the videos of a viewer: each its least first, then better for the ones that have the least, by priority. */
import type { LadderRung } from './layer-ladder.js'

/** One video's part in the sharing. */
export interface LadderShare {
  readonly ladder: readonly LadderRung[]
  readonly priority: number
  /** The highest rung that it may get. */
  readonly cap: number
  /** The rung that it has; -1 for none. `climb` moves it up. */
  at: number
}

/**
 * Moves videos up as long as the rate carries it.
 *
 * @returns what is left of `budgetBps`.
 */
export function climb(shares: readonly LadderShare[], budgetBps: number): number {
  let leftBps = budgetBps
  const ordered = [...shares].sort((a, b) => b.priority - a.priority)
  for (const share of ordered) if (share.at < 0) leftBps -= step(share, leftBps)
  // In turn: who has the least, among those of the highest priority that can get more.
  for (;;) {
    let next: LadderShare | undefined
    for (const share of ordered) {
      if (share.at < 0 || !canStep(share, leftBps)) continue
      if (next === undefined || (share.priority === next.priority && share.at < next.at)) next = share
    }
    if (next === undefined) return leftBps
    leftBps -= step(next, leftBps)
  }
}

/** What the rungs cost that the videos have. */
export function costOf(shares: readonly LadderShare[]): number {
  return shares.reduce((sum, { ladder, at }) => sum + (ladder[at]?.bitrateBps ?? 0), 0)
}

/** Moves up by one rung if that fits; returns what it costs. */
function step(share: LadderShare, leftBps: number): number {
  if (!canStep(share, leftBps)) return 0
  const bps = costOfNext(share)
  share.at++
  return bps
}

function canStep(share: LadderShare, leftBps: number): boolean {
  return share.at < share.cap && share.at + 1 < share.ladder.length && costOfNext(share) <= leftBps
}

function costOfNext({ ladder, at }: LadderShare): number {
  return (ladder[at + 1]?.bitrateBps ?? 0) - (ladder[at]?.bitrateBps ?? 0)
}
