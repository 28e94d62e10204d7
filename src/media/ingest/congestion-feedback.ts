/**
 * What a publisher's congestion control is told: arrivals of its packets (transport-wide feedback), or a bitrate (REMB) where it has not negotiated that,
 * or sends none of the numbers that it needs. With a cap for the publisher, REMB also goes beside transport-wide feedback: senders take the lower.
 */

import { readUint16 } from '../../rtp/bytes.js'
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import { ExtensionElement } from '../../rtp/header-extension.js'
import type { RtpHeader } from '../../rtp/rtp-header.js'
import { RateMeter } from '../../util/rate-meter.js'
import { ArrivalRecorder } from './arrival-recorder.js'
import type { IngestRtcpSender } from './ingest-rtcp-sender.js'
import type { IngestTrack } from './ingest-track.js'
import { RembEstimate } from './remb-estimate.js'

/** Feedback takes this part of what comes in, within these bounds. */
const FEEDBACK_SHARE = 0.05
const MIN_INTERVAL_MS = 50
const MAX_INTERVAL_MS = 100

/** After silence, the first feedback waits for this much of a frame. */
const SETTLE_MS = 20

const REMB_INTERVAL_MS = 1000

/** A publisher that has sent as many packets without a transport-wide number is not going to. */
const PROVING_PACKETS = 100

const element = new ExtensionElement()

/** The congestion feedback to one publisher. */
export class CongestionFeedback {
  /** When `tick` has something to do; infinity for never. */
  dueMs = Number.POSITIVE_INFINITY
  readonly #tracks: readonly IngestTrack[]
  readonly #rtcp: IngestRtcpSender
  readonly #maxBitrateBps: number
  /** The id of the transport-wide number; 0 where it was not negotiated. One for all sections, as for every bundle. */
  readonly #extensionId: number
  /** The tracks that a REMB is about. */
  readonly #rembTracks: readonly IngestTrack[]
  readonly #arrivals = new ArrivalRecorder()
  readonly #rate = new RateMeter()
  readonly #estimate = new RembEstimate()
  #packets = 0
  #intervalMs = MAX_INTERVAL_MS
  #feedbackMs = Number.NEGATIVE_INFINITY
  #rembMs = Number.NEGATIVE_INFINITY
  #packetsAtRemb = 0
  #receivedAtRemb = 0
  #lostAtRemb = 0

  /** @param maxBitrateBps what the publisher may send at most; infinity without a cap. */
  constructor(tracks: readonly IngestTrack[], rtcp: IngestRtcpSender, maxBitrateBps: number) {
    this.#tracks = tracks
    this.#rtcp = rtcp
    this.#maxBitrateBps = maxBitrateBps
    const wide = tracks.filter((track) => hasFeedback(track, 'transport-cc'))
    this.#extensionId =
      wide.flatMap((track) => track.extensions).find(({ uri }) => uri === EXTENSION_URI.transportWide)?.id ?? 0
    this.#rembTracks = tracks.filter((track) => hasFeedback(track, 'goog-remb'))
  }

  /** A packet has come: of whatever stream, `length` bytes long. */
  received(buffer: Buffer, header: RtpHeader, length: number, nowMs: number): void {
    this.#packets++
    this.#rate.add(length, nowMs)
    if (this.#extensionId !== 0 && element.find(buffer, header, this.#extensionId) && element.length >= 2) {
      this.#arrivals.record(readUint16(buffer, element.offset), nowMs)
    }
    if (this.dueMs === Number.POSITIVE_INFINITY) this.dueMs = this.#nextDueMs(nowMs)
  }

  /** Sends what is due; `dueMs` then says when there is more. */
  tick(nowMs: number): void {
    if (nowMs < this.dueMs) return
    if (this.#arrivals.pending && nowMs >= this.#feedbackMs + this.#intervalMs) this.#sendFeedback(nowMs)
    if (this.#wantsRemb && nowMs >= this.#rembMs + REMB_INTERVAL_MS) this.#sendRemb(nowMs)
    this.dueMs = this.#nextDueMs(nowMs)
  }

  #nextDueMs(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY
    if (this.#arrivals.pending) dueMs = Math.max(nowMs + SETTLE_MS, this.#feedbackMs + this.#intervalMs)
    // A publisher that has fallen silent is told nothing.
    const flows = this.#packets > this.#packetsAtRemb
    if (this.#wantsRemb && flows) dueMs = Math.min(dueMs, Math.max(nowMs + SETTLE_MS, this.#rembMs + REMB_INTERVAL_MS))
    return dueMs
  }

  get #wantsRemb(): boolean {
    if (this.#rembTracks.length === 0) return false
    return this.#maxBitrateBps !== Number.POSITIVE_INFINITY || !this.#isTransportWide
  }

  /** True while the publisher controls its rate by transport-wide feedback, or may be about to. */
  get #isTransportWide(): boolean {
    if (this.#extensionId === 0) return false
    return this.#arrivals.count > 0 || this.#packets < PROVING_PACKETS
  }

  #sendFeedback(nowMs: number): void {
    let bytes = 0
    const mediaSsrc = this.#tracks.flatMap(({ targets }) => targets).find(({ stream }) => stream !== undefined)
      ?.stream?.ssrc
    this.#arrivals.flush((baseSeq, ticks, count) => {
      bytes = this.#rtcp.sendTransportFeedback(mediaSsrc ?? 0, baseSeq, ticks, count)
    })
    this.#feedbackMs = nowMs
    const affordableMs = (bytes * 8000) / Math.max(1, FEEDBACK_SHARE * this.#rate.bps(nowMs))
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, affordableMs))
  }

  #sendRemb(nowMs: number): void {
    const targets = this.#tracks.flatMap((track) => track.targets)
    const lost = targets.reduce((sum, { packetsLost }) => sum + packetsLost, 0)
    const received = targets.reduce((sum, { stream }) => sum + (stream?.statistics.received ?? 0), 0)
    const [newlyLost, newlyReceived] = [lost - this.#lostAtRemb, received - this.#receivedAtRemb]
    this.#lostAtRemb = lost
    this.#receivedAtRemb = received
    this.#packetsAtRemb = this.#packets
    this.#rembMs = nowMs
    if (newlyLost >= 0 && newlyReceived > 0) {
      this.#estimate.update(this.#rate.bps(nowMs), newlyLost / (newlyLost + newlyReceived))
    }
    const ssrcs = this.#rembTracks.flatMap((track) => track.targets.flatMap(({ stream }) => stream?.ssrc ?? []))
    const estimateBps = this.#isTransportWide ? Number.POSITIVE_INFINITY : this.#estimate.bps
    if (ssrcs.length > 0) this.#rtcp.sendRemb(Math.min(this.#maxBitrateBps, estimateBps), ssrcs)
  }
}

function hasFeedback(track: IngestTrack, value: string): boolean {
  return track.section.codecs.some(({ feedback }) => feedback.includes(value))
}
