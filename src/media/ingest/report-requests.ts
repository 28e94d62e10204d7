/**
 * Asks a publisher for the sender reports of streams that have begun (RTCP-SR-REQ, RFC 6051). By themselves browsers send an audio stream's first one
 * after two and a half seconds, and until it has come nobody knows which audio belongs to which video. libwebrtc reports at once when it is asked; who does
 * not know the message ignores it, as feedback of an unknown format is ignored.
 */
import type { IngestRtcpSender } from './ingest-rtcp-sender.js'
import type { IngestTrack } from './ingest-track.js'

/** The publisher's other streams begin about now, too. */
const FIRST_MS = 20
const SPACING_MS = 250
/** So often a publisher is asked that does not answer. */
const REQUESTS = 3

/** The requests to one publisher. */
export class ReportRequests {
  /** Requests sent; one may be about several streams. */
  sent = 0
  /** When `tick` has something to do; infinity for never. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #tracks: readonly IngestTrack[]
  readonly #rtcp: IngestRtcpSender
  #left = 0
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(tracks: readonly IngestTrack[], rtcp: IngestRtcpSender) {
    this.#tracks = tracks
    this.#rtcp = rtcp
  }

  /** A stream has begun, or has begun to count anew: what was reported of it before is not about its timestamps. */
  began(nowMs: number): void {
    this.#left = REQUESTS
    this.dueMs = Math.min(this.dueMs, Math.max(nowMs + FIRST_MS, this.#askedMs + SPACING_MS))
  }

  /** Asks, if it is time, for what has not been reported on. */
  tick(nowMs: number): void {
    if (nowMs < this.dueMs) return
    this.dueMs = Number.POSITIVE_INFINITY
    const targets = this.#tracks.flatMap((track) => track.targets)
    const ssrcs = targets.flatMap(({ layer, stream }) => (stream && !layer.captureClock ? [stream.ssrc] : []))
    if (ssrcs.length === 0) return
    if (this.#rtcp.sendReportRequest(ssrcs)) this.sent++
    this.#askedMs = nowMs
    if (--this.#left > 0) this.dueMs = nowMs + SPACING_MS
  }
}
