/**
 * A publisher's way in: routes its packets to layers, keeps the books of their reception, and talks RTCP to it (RFC 3550, section 6;
 * keyframe requests of RFC 4585 and RFC 5104; pauses of RFC 7728).
 */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import { ntpToUnixMs } from '../../rtp/ntp-time.js'
import { primaryBlockOffset } from '../../rtp/red.js'
import { createPauseEntry, isPauseMessage, PAUSE_TYPE, readPauseEntry } from '../../rtp/rtcp/pause.js'
import { RTCP_TYPE } from '../../rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../rtp/rtcp/rtcp-reader.js'
import { createSenderReport, readSenderReport } from '../../rtp/rtcp/sender-report.js'
import { RtpHeader } from '../../rtp/rtp-header.js'
import type { Codec } from '../../rtp/types.js'
import { readAudioLevel } from '../audio/audio-level.js'
import { SpeechMeter, type SpeechReport } from '../audio/speech-meter.js'
import type { FanOutQueue } from '../fan-out.js'
import { ReportTimer } from '../report-timer.js'
import type { MediaConfig, MediaSource, MediaTrack, RtpOutput } from '../types.js'
import { CongestionFeedback } from './congestion-feedback.js'
import { IngestRtcpSender, type ReportedStream } from './ingest-rtcp-sender.js'
import { createIngestCounters, type IngestStats, snapshotIngest } from './ingest-stats.js'
import { addIngest, type IngestSums } from './ingest-sums.js'
import { type IngestLayer, type IngestSection, IngestTrack } from './ingest-track.js'
import { LayerPause } from './layer-pause.js'
import { LossRepair } from './loss-repair.js'
import { type StreamRoute, StreamRouter } from './stream-router.js'

export type { IngestSection } from './ingest-track.js'

/** How a {@link PublisherIngest} is made. */
export interface PublisherIngestOptions {
  /** Unique in the process. */
  readonly id: string
  readonly sections: readonly IngestSection[]
  /** The SSRC that our RTCP comes from. */
  readonly localSsrc: number
  readonly cname: string
  /** Takes the RTCP to the publisher. */
  readonly output: RtpOutput
  readonly config: MediaConfig
  /** What the publisher may send, in bits per second of all its streams together; it is asked to, where it has negotiated to be. */
  readonly maxBitrateBps?: number
  /** See `ForwardedLayerOptions.fanOut`. */
  readonly fanOut?: FanOutQueue
}

// Scratch memory of the thread: packets are handled one at a time.
const header = new RtpHeader()
const reader = new RtcpReader()
const senderReport = createSenderReport()
const pauseEntry = createPauseEntry()

/** Everything about the media of one publisher. */
export class PublisherIngest implements MediaSource {
  readonly id: string
  /** Something became due earlier than the last `tick` said. */
  onDue: ((dueMs: number) => void) | undefined
  /** The publisher begins, goes on or ceases to speak. Called by `tick` only, at most once per window. */
  onSpeech: ((report: SpeechReport) => void) | undefined
  readonly #tracks: readonly IngestTrack[]
  /** The layers that can be paused at the sender. */
  readonly #pausable: readonly IngestLayer[]
  readonly #router: StreamRouter
  readonly #rtcp: IngestRtcpSender
  readonly #reports: ReportTimer
  readonly #repair: LossRepair
  readonly #congestion: CongestionFeedback
  /** Where its audio packets say their level: 0 where they do not. */
  readonly #audioLevelId: number
  readonly #speech = new SpeechMeter()
  readonly #counters = createIngestCounters()
  /** What the owner was last told to be due. */
  #announcedMs = Number.POSITIVE_INFINITY
  #closed = false

  constructor(options: PublisherIngestOptions) {
    const { config, localSsrc } = options
    this.id = options.id
    this.#rtcp = new IngestRtcpSender(options.output, localSsrc, options.cname)
    this.#reports = new ReportTimer(config.reportIntervalMs, localSsrc)
    const send = (target: IngestLayer, nowMs: number): void => this.#requestKeyframe(target, nowMs)
    const announce = (dueMs: number): void => this.#announce(dueMs)
    this.#tracks = options.sections.map((section) => new IngestTrack(section, config, send, announce, options.fanOut))
    this.#pausable = this.#createPauses(config)
    this.#audioLevelId = audioLevelId(this.#tracks)
    this.#router = new StreamRouter(this.#tracks)
    this.#repair = new LossRepair(this.#tracks, this.#router, this.#rtcp)
    const maxBitrateBps = options.maxBitrateBps ?? Number.POSITIVE_INFINITY
    this.#congestion = new CongestionFeedback(this.#tracks, this.#rtcp, maxBitrateBps)
  }

  /** What was agreed on about each track. */
  get sections(): readonly IngestSection[] {
    return this.#tracks.map(({ section }) => section)
  }

  get tracks(): readonly MediaTrack[] {
    return this.#tracks
  }

  /** Takes the plain packet `buffer[start, end)`. */
  receiveRtp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    const { dropped } = this.#counters
    if (this.#closed) return
    const padding = header.parse(buffer, start, end) ? header.parsePadding(buffer, start, end) : -1
    if (padding < 0) {
      dropped.malformedRtp++
      return
    }
    this.#congestion.received(buffer, header, end - start, nowMs)
    this.#announce(this.#congestion.dueMs)
    if (this.#repair.takes(header.payloadType)) {
      this.#receiveRtx(buffer, start, end, padding, nowMs)
      return
    }
    const route = this.#router.find(header.ssrc) ?? this.#router.learn(buffer, header)
    if (route === undefined) {
      if (this.#tracks.some((track) => track.codec(header.payloadType) !== undefined)) dropped.unrouted++
      else dropped.unknownPayloadType++
      return
    }
    this.#receive(route, end - padding, buffer, start, end, nowMs)
  }

  /** Another sender has taken the publisher's place: what comes next is unrelated to what came, whatever SSRC it uses. */
  senderChanged(): void {
    for (const { stream, target } of this.#router.routes()) if (target.stream === stream) target.restart(stream)
  }

  /** Takes the plain compound RTCP packet `buffer[start, end)`. */
  receiveRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    if (this.#closed) return
    if (!reader.reset(buffer, start, end)) {
      this.#counters.dropped.malformedRtcp++
      return
    }
    while (reader.next()) {
      if (reader.packetType === RTCP_TYPE.senderReport) this.#receiveSenderReport(buffer, nowMs)
      // A sender says BYE also where it merely pauses and goes on with the same SSRC, so nothing is forgotten.
      else if (reader.packetType === RTCP_TYPE.bye) this.#counters.byesReceived++
      else if (isPauseMessage(reader)) this.#receivePauseAnswers(buffer, nowMs)
    }
  }

  /** Sends the reports and keyframe requests that are due; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    if (this.#closed) return Number.POSITIVE_INFINITY
    if (nowMs >= this.#reports.dueMs) {
      // A silent publisher gets no reports; its next packet arms the timer again.
      if (this.#rtcp.sendReport(this.#reportedStreams(), nowMs)) this.#reports.restart(nowMs)
      else this.#reports.disarm()
    }
    this.#congestion.tick(nowMs)
    const speech = this.#speech.tick(nowMs)
    let dueMs = Math.min(this.#reports.dueMs, this.#congestion.dueMs, this.#repair.tick(nowMs), this.#speech.dueMs)
    for (const track of this.#tracks) {
      for (const layer of track.layers) dueMs = Math.min(dueMs, layer.tick(nowMs))
    }
    for (const { pause } of this.#pausable) dueMs = Math.min(dueMs, (pause as LayerPause).tick(nowMs))
    this.#announcedMs = dueMs
    if (speech) this.onSpeech?.(speech)
    return dueMs
  }

  /** Everything counted so far. */
  stats(nowMs: number): IngestStats {
    return snapshotIngest(this.#tracks, this.#counters, nowMs)
  }

  /** Adds what it has counted so far. */
  addTo({ ingest }: { readonly ingest: IngestSums }): void {
    addIngest(ingest, this.#tracks, this.#counters)
  }

  /** Says goodbye, if this side ever said anything, and takes and feeds nothing any more. Idempotent. */
  close(_nowMs: number): void {
    if (this.#closed) return
    this.#closed = true
    this.onDue = undefined
    this.onSpeech = undefined
    for (const track of this.#tracks) for (const layer of track.layers) layer.removeAllSinks()
    this.#rtcp.sendBye()
  }

  /** @param payloadEnd where the padding begins, if there is any. */
  #receive(route: StreamRoute, payloadEnd: number, buffer: Buffer, start: number, end: number, nowMs: number): void {
    const { dropped } = this.#counters
    const payloadStart = start + header.headerLength
    const empty = payloadStart === payloadEnd
    const { stream, target } = route
    const codec = target.track.codec(header.payloadType)
    // A payload type of nobody's has no clock to measure jitter with, but its number is in sequence like any other.
    const clockRate = (codec ?? target.layer.codec)?.clockRate ?? 0
    if (!target.admit(stream, nowMs)) {
      dropped.replacedSsrc++
      return
    }
    const extSeq = stream.statistics.receive(header.seq, header.timestamp, clockRate, nowMs)
    if (extSeq < 0) {
      dropped.outOfSequence++
      return
    }
    stream.lastPacketMs = nowMs
    if (this.#reports.dueMs === Number.POSITIVE_INFINITY) {
      this.#reports.arm(nowMs)
      this.#announce(this.#reports.dueMs)
    }
    if (this.#audioLevelId !== 0 && target.track.kind === 'audio') this.#hear(buffer, nowMs)
    if (stream.statistics.restarted) target.restart(stream)
    this.#announce(this.#repair.received(target, stream, extSeq, nowMs))
    if (empty || codec === undefined || !isWhole(codec, buffer, payloadStart, payloadEnd)) {
      stream.skip(extSeq)
      if (empty) dropped.paddingOnly++
      else if (codec === undefined) dropped.unknownPayloadType++
      else dropped.malformedRed++
      return
    }
    const placed = stream.place(extSeq, target.layer.history.newestExtSeq)
    if (placed < 0) dropped.tooOld++
    else target.layer.accept(buffer, start, end, placed, codec, nowMs)
    if (target.requestUnsent) this.#catchUpRequest(target, nowMs)
  }

  #hear(buffer: Buffer, nowMs: number): void {
    const octet = readAudioLevel(buffer, header, this.#audioLevelId)
    if (octet < 0) return
    this.#speech.add(octet, nowMs)
    this.#announce(this.#speech.dueMs)
  }

  #receiveRtx(buffer: Buffer, start: number, end: number, padding: number, nowMs: number): void {
    const outcome = this.#repair.receiveRtx(buffer, start, end, padding, header, nowMs)
    if (outcome === 'padding') this.#counters.dropped.paddingOnly++
    else if (outcome === 'unrouted') this.#counters.dropped.unrouted++
  }

  *#reportedStreams(): Generator<ReportedStream> {
    for (const { stream } of this.#router.routes()) yield stream
    yield* this.#repair.streams()
  }

  /** A keyframe was wanted while there was no SSRC to ask. The first packet of a stream mostly begins one; else it is asked for now. */
  #catchUpRequest(target: IngestLayer, nowMs: number): void {
    target.requestUnsent = false
    if (target.layer.keyframes === 0) this.#requestKeyframe(target, nowMs)
  }

  #requestKeyframe(target: IngestLayer, nowMs: number): void {
    if (this.#closed) return
    // One that is paused has to be resumed first.
    if (target.pause) this.#announce(target.pause.tick(nowMs))
    const ssrc = target.stream?.ssrc ?? declaredSsrc(target)
    if (ssrc === undefined) {
      target.requestUnsent = true
      return
    }
    const feedback = target.track.feedback(target.layer.codec)
    if (feedback.includes('nack pli')) {
      if (this.#rtcp.sendPli(ssrc)) target.pliSent++
    } else if (feedback.includes('ccm fir')) {
      target.firSeqNr = (target.firSeqNr + 1) & 0xff
      if (this.#rtcp.sendFir(ssrc, target.firSeqNr)) target.firSent++
    }
  }

  #receiveSenderReport(buffer: Buffer, nowMs: number): void {
    if (!readSenderReport(buffer, reader.offset, senderReport)) return
    const { ssrc, ntpSeconds, ntpFraction, rtpTimestamp } = senderReport
    const route = this.#router.find(ssrc)
    if (route === undefined) return
    const { stream, target } = route
    this.#counters.senderReportsReceived++
    stream.statistics.receiveSenderReport(ntpSeconds, ntpFraction, nowMs)
    // Zero says that the sender has no clock (RFC 3550, section 6.4.1); a replaced stream's clock is about other timestamps.
    if ((ntpSeconds === 0 && ntpFraction === 0) || target.stream !== stream) return
    target.layer.setCaptureClock({
      ntpUnixMs: ntpToUnixMs(ntpSeconds, ntpFraction),
      rtpTimestamp,
      arrivalMs: nowMs,
      sourceId: this.id,
    })
  }

  /** Audio is always taken: it costs little, and says who speaks. */
  #createPauses({ layerPauseAfterMs }: MediaConfig): readonly IngestLayer[] {
    const pausable = this.#tracks.filter(({ kind, section }) => kind === 'video' && section.pause === true)
    if (layerPauseAfterMs === 0) return []
    const targets = pausable.flatMap((track) => track.targets)
    for (const target of targets) {
      target.pause = new LayerPause(target, layerPauseAfterMs, (type, ssrc, pauseId) =>
        this.#rtcp.sendPauseRequest(type, ssrc, pauseId),
      )
    }
    return targets
  }

  #receivePauseAnswers(buffer: Buffer, nowMs: number): void {
    for (let at = 0; at >= 0; ) {
      at = readPauseEntry(buffer, reader, at, pauseEntry)
      if (at < 0 || pauseEntry.type !== PAUSE_TYPE.refused) continue
      const target = this.#router.find(pauseEntry.ssrc)?.target
      target?.pause?.refused(pauseEntry.ssrc, pauseEntry.pauseId, nowMs)
    }
  }

  #announce(dueMs: number): void {
    if (dueMs >= this.#announcedMs) return
    this.#announcedMs = dueMs
    this.onDue?.(dueMs)
  }
}

function audioLevelId(tracks: readonly IngestTrack[]): number {
  const audio = tracks.find(({ kind }) => kind === 'audio')
  return audio?.extensions.find(({ uri }) => uri === EXTENSION_URI.audioLevel)?.id ?? 0
}

/** False for redundant audio of which no block could be taken (RFC 2198). */
function isWhole({ blocks }: Codec, buffer: Buffer, payloadStart: number, payloadEnd: number): boolean {
  if (blocks === undefined) return true
  return primaryBlockOffset(buffer, payloadStart, payloadEnd, blocks.payloadType) >= 0
}

function declaredSsrc(target: IngestLayer): number | undefined {
  const { targets, section } = target.track
  return targets.length === 1 ? section.ssrcs[0] : undefined
}
