/** How well a session does, from two snapshots of it. Pure; `docs/metrics.md` has the table of what counts for how much. */
import type { SessionRole, SessionState } from '../broadcast/signaling-target.js'
import type { SessionStats } from '../broadcast/stats.js'

/** What may be wrong with a session. */
export type HealthCause =
  /** Nothing authentic has been heard of the peer for a while. */
  | 'disconnected'
  /** A publisher that is connected sends nothing. */
  | 'no-media'
  /** A video that was there has stopped. */
  | 'frozen'
  /** Video comes, but nothing to begin with. */
  | 'no-keyframe'
  /** Packets are lost. */
  | 'loss'
  /** The network carries less than there is to send. */
  | 'bandwidth'
  /** Round trips take long. */
  | 'rtt'
  /** Packets come at uneven intervals. */
  | 'jitter'

/** Something that is wrong. */
export interface HealthFinding {
  readonly cause: HealthCause
  /** The best score that a session with this can have. */
  readonly score: number
  /** In words, with its figures. */
  readonly text: string
}

/** How a session does. */
export interface SessionHealth {
  /** From 0, nothing works, to 5, nothing is wrong: the worst of the findings. */
  readonly score: number
  /** Good from 4 on, bad below 2. */
  readonly level: HealthLevel
  /** In words: the text of the worst finding, or `good`. */
  readonly reason: string
  /** All that is wrong, worst first. */
  readonly findings: readonly HealthFinding[]
}

/** A rough measure, for alarms. */
export type HealthLevel = 'good' | 'fair' | 'bad'

/** What health is told from: a snapshot of a session. */
export type HealthStats = Pick<SessionStats, 'role' | 'state' | 'transport' | 'ingest' | 'egress'> & {
  readonly role: SessionRole
  readonly state: SessionState
}

/** A score for a value: that of the first limit which it reaches. */
type Scale = readonly (readonly [limit: number, score: number])[]

const LOSS: Scale = [
  [0.2, 1],
  [0.1, 2],
  [0.05, 3],
  [0.02, 4],
]
const LOST_FOR_GOOD: Scale = [
  [0.05, 1],
  [0.01, 2],
  [0.001, 3],
]
const RTT_MS: Scale = [
  [1000, 2],
  [600, 3],
  [300, 4],
]
const JITTER_MS: Scale = [
  [100, 3],
  [50, 4],
]

/** With fewer packets than this between two snapshots, one that is lost says nothing. */
const MIN_PACKETS = 20

/**
 * How well a session does: what has happened between two snapshots of it, and how it is at the second. Without a first one, only the latter. A session that
 * has never been connected is `good`, as is one that has nothing to send or to receive.
 */
export function sessionHealth(before: HealthStats | undefined, now: HealthStats): SessionHealth {
  const findings = [...transportFindings(now), ...ingestFindings(before, now), ...egressFindings(before, now)]
  findings.sort((a, b) => a.score - b.score)
  const [worst] = findings
  const score = worst?.score ?? 5
  return { score, level: levelOf(score), reason: worst?.text ?? 'good', findings }
}

/** What a score comes down to. */
export function levelOf(score: number): HealthLevel {
  if (score >= 4) return 'good'
  return score >= 2 ? 'fair' : 'bad'
}

function transportFindings({ state, ingest, egress, transport }: HealthStats): HealthFinding[] {
  if (state === 'disconnected') return [finding('disconnected', 0, 'nothing is heard of the peer')]
  const rttMs = egress?.rttMs ?? transport?.rttMs
  const jitterMs = egress?.jitterMs ?? ingest?.jitterMs
  return [
    ...onScale('rtt', RTT_MS, rttMs, (value) => `round trips take ${Math.round(value)} ms`),
    ...onScale('jitter', JITTER_MS, jitterMs, (value) => `packets come up to ${Math.round(value)} ms early or late`),
  ]
}

function ingestFindings(before: HealthStats | undefined, { state, ingest: now }: HealthStats): HealthFinding[] {
  const then = before?.ingest
  if (state !== 'connected' || then === undefined || now === undefined) return []
  const received = now.packetsReceived - then.packetsReceived
  if (received <= 0) return [finding('no-media', 0, 'it sends nothing')]
  const gone = now.repair.lostForGood - then.repair.lostForGood
  const lost = now.packetsLost - then.packetsLost
  const findings = [
    ...onScale(
      'loss',
      LOST_FOR_GOOD,
      share(gone, received + gone),
      (value) => `${percent(value)} of its packets never came`,
    ),
    ...onScale('loss', LOSS, share(lost, received + lost), (value) => `${percent(value)} of its packets are lost`),
  ]
  for (const mid of new Set(now.layers.filter(({ kind }) => kind === 'video').map((layer) => layer.mid))) {
    const of = (stats: typeof now) => stats.layers.filter((layer) => layer.mid === mid)
    const grown = (field: 'packetsReceived' | 'keyframesReceived' | 'keyframeRequestsSent') =>
      total(of(now), field) - total(of(then), field)
    if (grown('packetsReceived') <= 0) {
      if (total(of(then), 'packetsReceived') > 0) findings.push(finding('frozen', 1, 'its video has stopped'))
    } else if (grown('keyframeRequestsSent') > 1 && grown('keyframesReceived') <= 0) {
      findings.push(finding('no-keyframe', 1, 'it was asked for keyframes and sent none'))
    }
  }
  return findings
}

function egressFindings(before: HealthStats | undefined, { state, egress: now }: HealthStats): HealthFinding[] {
  const then = before?.egress
  if (state !== 'connected' || now === undefined) return []
  const findings: HealthFinding[] = []
  for (const track of now.tracks) {
    const { layers = [], mid } = track
    if (track.kind !== 'video') continue
    const best = Math.max(0, ...layers.map(({ live, bitrateBps = 0 }) => (live ? bitrateBps : 0)))
    findings.push(...bandwidthFindings(best, track.rid, layers, now.estimatedBps))
    const earlier = then?.tracks.find((one) => one.mid === mid)
    if (earlier === undefined) continue
    const sent = track.packetsSent - earlier.packetsSent
    const waited = track.dropped.waitingForKeyframe - earlier.dropped.waitingForKeyframe
    if (!track.live && waited > 0) findings.push(finding('no-keyframe', 1, 'its video waits for a keyframe'))
    else if (track.live && earlier.live && sent <= 0 && best > 0) {
      findings.push(finding('frozen', 1, 'its video has stopped'))
    }
  }
  if (then === undefined) return findings
  const sent = now.packetsSent - then.packetsSent
  const lost = now.packetsLost - then.packetsLost
  findings.push(...onScale('loss', LOSS, share(lost, sent), (value) => `${percent(value)} of its packets are lost`))
  if (now.pacing.dropped > then.pacing.dropped) {
    findings.push(finding('bandwidth', 2, 'its network did not carry all that was to be sent'))
  }
  return findings
}

/** Whether the estimate is what keeps a video from its best layer. */
function bandwidthFindings(
  bestBps: number,
  rid: string | undefined,
  layers: readonly { readonly rid?: string; readonly bitrateBps?: number }[],
  estimatedBps: number | undefined,
): HealthFinding[] {
  if (estimatedBps === undefined || bestBps <= estimatedBps) return []
  const text = `its network carries ${kbps(estimatedBps)}, the best video needs ${kbps(bestBps)}`
  const sentBps = layers.find((layer) => layer.rid === rid)?.bitrateBps ?? 0
  // A third of the bits is about the next layer down; a tenth is one that nobody would choose.
  if (layers.length > 1 && sentBps >= bestBps / 5) return [finding('bandwidth', 4, text)]
  return [finding('bandwidth', 3, text)]
}

function onScale(
  cause: HealthCause,
  scale: Scale,
  value: number | undefined,
  text: (value: number) => string,
): HealthFinding[] {
  if (value === undefined) return []
  const reached = scale.find(([limit]) => value >= limit)
  return reached === undefined ? [] : [finding(cause, reached[1], text(value))]
}

function finding(cause: HealthCause, score: number, text: string): HealthFinding {
  return { cause, score, text }
}

function share(part: number, whole: number): number | undefined {
  return whole < MIN_PACKETS ? undefined : Math.max(0, part) / whole
}

function total<Field extends string>(rows: readonly Readonly<Record<Field, number>>[], field: Field): number {
  return rows.reduce((sum, row) => sum + row[field], 0)
}

function percent(value: number): string {
  return `${(100 * value).toFixed(value < 0.01 ? 1 : 0)} %`
}

function kbps(bps: number): string {
  return `${Math.round(bps / 1000)} kbit/s`
}
