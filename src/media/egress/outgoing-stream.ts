/**
 * The numbering of one outgoing stream, which never restarts: sequence numbers and timestamps go on through every change of what is
 * forwarded (RFC 3550, section 5.1).
 *
 * While one source lasts both differ from the source's by a constant (timestamps once the viewer is live, sequence numbers as far as nothing
 * is left out), so gaps and order stay what they are, and a packet that is sent again is the same packet. At a change the sequence goes on by
 * one and the time, where the source's own does not go on, by what has elapsed: between the captures where the publisher's reports tell both, so
 * that the network's jitter leaves no trace in it, else between the arrivals.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import { MAX_SEQ_GAP, type MediaLayer, type StoredPacket } from '../types.js'
import { ArrivalLine } from './arrival-line.js'
import { captureMs, captureTimestamp } from './capture-time.js'
import type { CatchUp } from './catch-up.js'
import { type FlatRecord, takeRecord } from './flat-record.js'
import type { SourceClock } from './source-clock.js'
import { IS_STEADY, LATEST_MS, LATEST_TIMESTAMP, NEWEST_IN, NEWEST_OUT, STREAM_RECORD_LENGTH } from './stream-record.js'
import { TimestampMap } from './timestamp-map.js'

/** Captures and arrivals that are further apart than this do not belong together: one of the reports is wrong. */
const MAX_DISAGREEMENT_MS = 1000

/** No packet arrives this much later than one that was captured at the same time. */
const LATEST_REPAIR_MS = 60_000

/** However long a pause was, receivers must be able to tell that the time went forward. */
const MAX_STEP_TICKS = 2 ** 30

/** The map from a source's numbers to ours. */
export class OutgoingStream {
  /** True while a source is being forwarded. */
  live = false
  /** The stream's numbers that every packet changes. */
  readonly record: FlatRecord = takeRecord(STREAM_RECORD_LENGTH)
  readonly #numbers: Float64Array
  readonly #at: number
  /** The source's number of the first packet since the change. */
  #base = -1
  #seqShift = 0
  #timestamps = new TimestampMap(0)
  /** What is being forwarded. */
  #layer: MediaLayer | undefined
  #clockRate = 0
  /** When the latest packet of before the change was captured, by the clock of which source; NaN if that is not known. */
  #leftMs = Number.NaN
  #leftSourceId = ''
  readonly #line = new ArrivalLine()
  readonly #initialSeq: number
  readonly #initialTimestamp: number

  /** @param initialSeq below 32768, so that the receiver cannot miss the rollover counter's first step (RFC 3711, section 3.3.1). */
  constructor(initialSeq: number, initialTimestamp: number) {
    this.#initialSeq = initialSeq
    this.#initialTimestamp = initialTimestamp >>> 0
    const { numbers, at } = this.record
    this.#numbers = numbers
    this.#at = at
    numbers[at + NEWEST_IN] = -1
    numbers[at + NEWEST_OUT] = -1
  }

  /** The highest outgoing unwrapped sequence number; -1 before the first packet. */
  get newestExtSeq(): number {
    return this.#numbers[this.#at + NEWEST_OUT] as number
  }

  /** The source's highest number so far; -1 when another source may begin anywhere. */
  get newestIn(): number {
    return this.#numbers[this.#at + NEWEST_IN] as number
  }

  set #newestIn(extSeq: number) {
    this.#numbers[this.#at + NEWEST_IN] = extSeq
  }

  get #latestTimestamp(): number {
    return this.#numbers[this.#at + LATEST_TIMESTAMP] as number
  }

  get #latestMs(): number {
    return this.#numbers[this.#at + LATEST_MS] as number
  }

  /** From the source's timestamps to ours, since the last `begin`. */
  get timestamps(): TimestampMap {
    return this.#timestamps
  }

  /** True if the source's packet was sent before the change, or would have been. */
  isLate(extSeq: number): boolean {
    return this.live ? extSeq < this.#base : extSeq <= this.newestIn
  }

  /** Nothing is forwarded until `begin`. */
  pause(): void {
    if (this.live) this.#leave()
    this.live = false
    this.unsettle()
    this.#layer = undefined
  }

  /** Something has changed: what comes next is not sure to be like what came last. */
  unsettle(): void {
    this.#numbers[this.#at + IS_STEADY] = 0
  }

  /** What is forwarded next is numbered independently of what was. */
  forgetSource(): void {
    this.pause()
    this.#newestIn = -1
  }

  /**
   * `packet` is the first of what is forwarded now, from `layer`.
   *
   * @param catchUp the way to the present, where the packet is from the past.
   */
  begin(packet: StoredPacket, layer: MediaLayer, catchUp?: CatchUp): void {
    const { extSeq, codec, arrivalMs } = packet
    const beginMs = catchUp?.startMs ?? arrivalMs
    const liveTimestamp = catchUp?.liveTimestamp ?? packet.timestamp
    const goesOn = catchUp === undefined && this.#goesOn(packet)
    const first = this.newestExtSeq < 0
    const capturedMs = first ? Number.NaN : this.#capturedSince(liveTimestamp, beginMs, layer, codec.clockRate)
    this.live = true
    this.unsettle()
    this.#layer = layer
    this.#base = extSeq
    this.#newestIn = extSeq - 1
    this.#seqShift = (first ? this.#initialSeq : this.newestExtSeq + 1) - extSeq
    if (first) {
      this.#setLatest(this.#initialTimestamp, beginMs)
    }
    // The source's own clock knows best what has elapsed.
    if (goesOn) return
    const known = !Number.isNaN(capturedMs)
    const elapsedMs = known ? capturedMs : Math.max(0, beginMs - this.#latestMs)
    const ticks = Math.min(MAX_STEP_TICKS, Math.round((elapsedMs * codec.clockRate) / 1000))
    const timestamp = (this.#latestTimestamp + ticks) >>> 0
    // A receiver's time goes forward all the same.
    const behind = first ? 0 : Math.max(0, 1 - ticks)
    const settledMs = Math.max(catchUp?.endMs ?? 0, beginMs + (2 * behind * 1000) / codec.clockRate)
    const plainAfterMs = settledMs + LATEST_REPAIR_MS
    this.#timestamps = new TimestampMap(timestamp - liveTimestamp, liveTimestamp, behind, catchUp, plainAfterMs)
    if (!known || codec.clockRate !== this.#clockRate) this.#line.start(timestamp, beginMs, codec.clockRate)
    this.#clockRate = codec.clockRate
  }

  /** True if `packet` comes from the same source by the same clock as what was sent last, as where only the codec is another. */
  #goesOn({ extSeq, codec }: StoredPacket): boolean {
    const before = this.newestIn
    return before >= 0 && extSeq > before && extSeq <= before + MAX_SEQ_GAP && codec.clockRate === this.#clockRate
  }

  /** The first packet could not be sent: as if `begin` had not been, with the source's `newestIn` of before. */
  abandon(newestIn: number): void {
    this.live = false
    this.unsettle()
    this.#layer = undefined
    this.#newestIn = newestIn
  }

  /** Our unwrapped sequence number of the source's, which is without what was left out since the change. */
  extSeq(sourceExtSeq: number): number {
    return sourceExtSeq + this.#seqShift
  }

  /** Our timestamp at `nowMs`: of what the publisher captures then by its reports and `clock`; before it has reported, as its packets come. */
  timestampAt(nowMs: number, clock: SourceClock): number {
    const line = this.#line
    line.follow(this.#latestTimestamp, this.#latestMs, nowMs)
    const timestamp = line.timestampAt(nowMs)
    const capture = this.#layer?.captureClock
    const seenMs = captureMs(capture, this.#timestamps.sourcePresent(timestamp), this.#clockRate, nowMs)
    if (capture === undefined || Number.isNaN(seenMs)) return timestamp
    return this.#timestamps.mapPresent(captureTimestamp(capture, clock.captureMs(seenMs, nowMs), this.#clockRate))
  }

  /**
   * `packet` is being sent as our number `extSeq`; returns whether it is the newest.
   *
   * @param timestamp ours, where it is known already.
   */
  advance(
    packet: StoredPacket,
    extSeq: number,
    timestamp = this.#timestamps.map(packet.timestamp, packet.arrivalMs),
  ): boolean {
    if (timestampDelta(timestamp, this.#latestTimestamp) > 0) {
      this.#setLatest(timestamp, this.#timestamps.presentMs(packet))
    }
    if (packet.extSeq <= this.newestIn) return false
    this.#newestIn = packet.extSeq
    this.#numbers[this.#at + NEWEST_OUT] = extSeq
    return true
  }

  #setLatest(timestamp: number, presentMs: number): void {
    this.#numbers[this.#at + LATEST_TIMESTAMP] = timestamp
    this.#numbers[this.#at + LATEST_MS] = presentMs
  }

  /** Notes when the latest packet was captured. Its report is at hand only as long as the layer goes on: it may be numbered anew any time. */
  #leave(): void {
    const capture = this.#layer?.captureClock
    const timestamp = this.#timestamps.sourcePresent(this.#latestTimestamp)
    this.#leftMs = captureMs(capture, timestamp, this.#clockRate, this.#latestMs)
    this.#leftSourceId = capture?.sourceId ?? ''
  }

  /** The time from the capture of the latest packet to that of `timestamp`; NaN where reports do not tell, or tell what cannot be. */
  #capturedSince(timestamp: number, presentMs: number, layer: MediaLayer, clockRate: number): number {
    const capture = layer.captureClock
    if (capture?.sourceId !== this.#leftSourceId) return Number.NaN
    const elapsedMs = captureMs(capture, timestamp, clockRate, presentMs) - this.#leftMs
    return Math.abs(elapsedMs - (presentMs - this.#latestMs)) <= MAX_DISAGREEMENT_MS ? elapsedMs : Number.NaN
  }
}
