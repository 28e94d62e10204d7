/** One peer on a shard: its transport, the media core object behind it, and the deadline at which that wants to be called. */
import type { EgressStats } from '../media/egress/egress-stats.js'
import type { EgressLevels } from '../media/egress/egress-sums.js'
import type { IngestStats } from '../media/ingest/ingest-stats.js'
import type { PeerTransport } from '../transport/peer-transport.js'
import type { Alarm, Scheduler } from '../util/scheduler.js'
import type { PeerIce } from './peer-ice.js'
import type { PeerRole, PeerStats, PeerSums, TrafficTotals } from './types.js'

/** What a publisher's ingest and a viewer's egress have in common. */
export interface PeerMedia {
  receiveRtp?(buffer: Buffer, start: number, end: number, nowMs: number): void
  receiveRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void
  /** Does what is due; returns when there is more to do. */
  tick(nowMs: number): number
  /** Called when something became due earlier than `tick` said. */
  onDue: ((dueMs: number) => void) | undefined
  close(nowMs: number): void
  stats(nowMs: number): IngestStats | EgressStats
  /** Adds what it has counted. */
  addTo(sums: PeerSums): void
  /** Adds how it is now. */
  addLevelsTo?(levels: EgressLevels): void
}

/** Joins a transport and its media. */
export class Peer {
  readonly #alarm: Alarm
  #dueMs = Number.POSITIVE_INFINITY
  #running = false

  constructor(
    readonly peerId: string,
    readonly broadcastId: string,
    readonly role: PeerRole,
    readonly transport: PeerTransport,
    readonly media: PeerMedia,
    readonly ice: PeerIce,
    readonly scheduler: Scheduler,
  ) {
    this.#alarm = scheduler.alarm(() => this.#tick())
    media.onDue = (dueMs) => this.#arm(dueMs)
  }

  /** The transport is up for the first time: the media's clockwork starts. */
  run(): void {
    this.#running = true
    this.#tick()
  }

  /** True from the first connection to the end. */
  get running(): boolean {
    return this.#running
  }

  /** RTP traffic of this peer so far. */
  totals(): TrafficTotals {
    const { rtpPacketsIn, rtpBytesIn, rtpPacketsOut, rtpBytesOut } = this.transport.stats()
    return { rtpPacketsIn, rtpBytesIn, rtpPacketsOut, rtpBytesOut }
  }

  /** Snapshot. */
  stats(nowMs: number): PeerStats {
    const media = this.media.stats(nowMs)
    return {
      peerId: this.peerId,
      broadcastId: this.broadcastId,
      role: this.role,
      state: this.transport.state,
      transport: this.transport.stats(),
      ...(this.role === 'publisher' ? { ingest: media as IngestStats } : { egress: media as EgressStats }),
    }
  }

  /** Adds what it has counted. */
  addTo(sums: PeerSums): void {
    this.transport.addTo(sums.transport)
    this.media.addTo(sums)
  }

  /** Says BYE and close_notify as far as the peer is there to hear it, and frees everything. */
  close(nowMs: number): void {
    this.#running = false
    this.#alarm.cancel()
    this.media.onDue = undefined
    this.media.close(nowMs)
    this.transport.close()
  }

  #tick(): void {
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#arm(this.media.tick(this.scheduler.clock.nowMs()))
  }

  #arm(dueMs: number): void {
    if (!this.#running || dueMs >= this.#dueMs) return
    this.#dueMs = dueMs
    this.#alarm.set(dueMs)
  }
}
