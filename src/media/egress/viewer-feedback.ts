/**
 * Reads a viewer's RTCP: what it asks for and what it reports (RFC 3550, section 6; RFC 4585, section 6; RFC 5104, section 4.3; RFC 7728,
 * section 8).
 */
import { feedbackMediaSsrc, isFir, isNack, isPli, readFirEntry, readNack, readRemb } from '../../rtp/rtcp/feedback.js'
import { createPauseEntry, isPauseMessage, PAUSE_TYPE, readPauseEntry } from '../../rtp/rtcp/pause.js'
import { createReportBlock, readReportBlock } from '../../rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../rtp/rtcp/rtcp-reader.js'
import { isTransportFeedback } from '../../rtp/rtcp/transport-feedback.js'
import type { CongestionControl } from './congestion-control.js'
import type { EgressRtcpSender } from './egress-rtcp-sender.js'
import type { EgressCounters } from './egress-stats.js'
import type { EgressTrack } from './egress-track.js'
import type { RetransmissionBudget } from './retransmission-budget.js'

/** No FIR has been seen yet. */
const NO_FIR = -1

// Scratch memory of the thread.
const reader = new RtcpReader()
const block = createReportBlock()
const firEntry = { ssrc: 0, seqNr: 0 }
const nackedSeqs = new Uint16Array(512)
const remb = { bitrateBps: 0, ssrcCount: 0 }
const pauseEntry = createPauseEntry()

/** The feedback of one viewer. */
export class ViewerFeedback {
  /** The newest round trip that any stream's reports gave. */
  rttMs: number | undefined
  readonly #tracks: readonly EgressTrack[]
  readonly #counters: EgressCounters
  readonly #budget: RetransmissionBudget
  /** The number of the newest FIR per track. */
  readonly #firSeqNrs: number[]

  constructor(
    tracks: readonly EgressTrack[],
    counters: EgressCounters,
    budget: RetransmissionBudget,
    readonly congestion: CongestionControl,
    readonly rtcp: EgressRtcpSender,
    /** The viewer has paused that stream or resumed it. */
    readonly onPause: (track: EgressTrack, nowMs: number) => void,
    readonly onRtt?: (rttMs: number) => void,
  ) {
    this.#tracks = tracks
    this.#counters = counters
    this.#budget = budget
    this.#firSeqNrs = tracks.map(() => NO_FIR)
  }

  /** Takes the plain compound packet `buffer[start, end)`. */
  receive(buffer: Buffer, start: number, end: number, nowMs: number): void {
    const counters = this.#counters
    if (!reader.reset(buffer, start, end)) {
      counters.malformedRtcp++
      return
    }
    while (reader.next()) {
      const { packetType } = reader
      if (packetType === RTCP_TYPE.receiverReport || packetType === RTCP_TYPE.senderReport) this.#report(buffer, nowMs)
      else if (packetType === RTCP_TYPE.sdes) counters.sdesReceived++
      else if (packetType === RTCP_TYPE.bye) counters.byesReceived++
      else if (isPli(reader)) this.#pli(buffer, nowMs)
      else if (isFir(reader)) this.#fir(buffer, nowMs)
      else if (isNack(reader)) this.#nack(buffer, nowMs)
      else if (isPauseMessage(reader)) this.#pauses(buffer, nowMs)
      else if (isTransportFeedback(reader)) this.#transportFeedback(buffer, nowMs)
      else if (readRemb(buffer, reader, remb)) this.congestion.receiveRemb(remb.bitrateBps, nowMs)
    }
  }

  #report(buffer: Buffer, nowMs: number): void {
    this.#counters.receiverReportsReceived++
    for (let i = 0; readReportBlock(buffer, reader, i, block); i++) {
      const track = this.#track(block.ssrc)
      // A report about what was never sent is a guess.
      if (track === undefined || track.packets === 0) continue
      track.reports.receive(block, nowMs)
      track.knowsSsrc()
      const { rttMs } = track.reports
      this.rttMs = rttMs ?? this.rttMs
      // A report that says when it got ours has just been measured by.
      if (rttMs !== undefined && block.lastSenderReport !== 0) this.onRtt?.(rttMs)
      this.congestion.receiveReport(block, rttMs, nowMs)
    }
  }

  #pli(buffer: Buffer, nowMs: number): void {
    this.#counters.keyframeRequestsReceived.pli++
    const track = this.#track(feedbackMediaSsrc(buffer, reader))
    if (track) this.#requestKeyframe(track, nowMs)
  }

  #fir(buffer: Buffer, nowMs: number): void {
    this.#counters.keyframeRequestsReceived.fir++
    for (let i = 0; readFirEntry(buffer, reader, i, firEntry); i++) {
      const track = this.#track(firEntry.ssrc)
      if (track === undefined) continue
      const index = this.#tracks.indexOf(track)
      // The same number again is the same request, repeated in case it was lost.
      if (this.#firSeqNrs[index] === firEntry.seqNr) continue
      // One that comes to nothing may be repeated in earnest.
      if (this.#requestKeyframe(track, nowMs)) this.#firSeqNrs[index] = firEntry.seqNr
    }
  }

  #requestKeyframe(track: EgressTrack, nowMs: number): boolean {
    const passes = track.receiveKeyframeRequest(this.rttMs, nowMs)
    if (!passes) this.#counters.keyframeRequestsReceived.early++
    return passes
  }

  #nack(buffer: Buffer, nowMs: number): void {
    this.#counters.nacksReceived++
    const track = this.#track(feedbackMediaSsrc(buffer, reader))
    if (track === undefined) return
    const count = readNack(buffer, reader, nackedSeqs)
    this.#counters.nackedPackets += count
    let mediaBps = 0
    for (const one of this.#tracks) mediaBps += one.bitrateBps(nowMs)
    this.#budget.refill(mediaBps, nowMs)
    track.receiveNack(nackedSeqs, count, track.reports.rttMs ?? this.rttMs, nowMs)
  }

  #pauses(buffer: Buffer, nowMs: number): void {
    for (let at = 0; at >= 0; ) {
      at = readPauseEntry(buffer, reader, at, pauseEntry)
      if (at < 0) return
      const { type } = pauseEntry
      if (type === PAUSE_TYPE.pause || type === PAUSE_TYPE.resume) this.#pause(nowMs)
    }
  }

  #pause(nowMs: number): void {
    const { ssrc, type, pauseId } = pauseEntry
    const counters = this.#counters.pauseRequestsReceived
    const isPause = type === PAUSE_TYPE.pause
    if (isPause) counters.pause++
    else counters.resume++
    const track = this.#track(ssrc)
    if (track?.section.pause !== true) return
    const { pause } = track
    const wasPaused = pause.paused
    const isRefused = isPause && !pause.receivePause(pauseId)
    if (!isPause) pause.receiveResume(pauseId)
    if (pause.paused !== wasPaused) this.onPause(track, nowMs)
    if (isRefused) this.rtcp.sendRefused(ssrc, pause.nextPauseId)
    // A PAUSE that comes again has not seen its answer.
    else if (isPause) this.rtcp.sendPaused(ssrc, pauseId, track.newestExtSeq)
  }

  #transportFeedback(buffer: Buffer, nowMs: number): void {
    if (!this.congestion.receiveFeedback(buffer, reader, nowMs)) this.#counters.malformedRtcp++
  }

  #track(ssrc: number): EgressTrack | undefined {
    for (const track of this.#tracks) if (track.section.ssrc === ssrc) return track
    this.#counters.unknownSsrc++
    return undefined
  }
}
