/** A viewer's way out: its streams, fed by whatever source it watches, and the RTCP around them (RFC 3550, section 6). */
import type { MediaKind, PayloadCodec } from '../../rtp/types.js'
import { ReportTimer } from '../report-timer.js'
import type { MediaConfig, MediaSource, RtpOutput } from '../types.js'
import { CongestionControl, transportWideId } from './congestion-control.js'
import { EgressRtcpSender } from './egress-rtcp-sender.js'
import { type EgressSection, sendsUnchanged } from './egress-section.js'
import { createEgressCounters, type EgressStats, snapshotEgress } from './egress-stats.js'
import { addEgress, addEgressLevels, type EgressLevels, type EgressSums } from './egress-sums.js'
import { EgressTrack } from './egress-track.js'
import type { LayerEvent } from './layer-event.js'
import { type ExtensionSettings, OwnExtensions } from './own-extensions.js'
import { RetransmissionBudget } from './retransmission-budget.js'
import { SlotAssignment } from './slot-assignment.js'
import { SourceClock } from './source-clock.js'
import { type StreamSection, streamSections } from './stream-sections.js'
import { ViewerFeedback } from './viewer-feedback.js'
import type { ViewerSettings } from './viewer-settings.js'
import { ViewerVideos } from './viewer-videos.js'

export type { EgressSection } from './egress-section.js'

/** A change of what is forwarded is reported this soon, so that audio and video find each other again. */
const REPORT_AFTER_CHANGE_MS = 20

/** How a {@link ViewerEgress} is made. */
export interface ViewerEgressOptions {
  /** Unique in the process. */
  readonly id: string
  readonly sections: readonly EgressSection[]
  readonly cname: string
  /** Takes the packets to the viewer. */
  readonly output: RtpOutput
  readonly config: MediaConfig
  /** What is written on its packets beyond what publishers send. */
  readonly extensions?: ExtensionSettings
  /** Hears of each round trip time that the viewer's reports give, in milliseconds. */
  readonly onRtt?: (rttMs: number) => void
  /** The first sequence number of stream `index`, retransmission streams behind the others: random, and below 32768 (RFC 3711, section 3.3.1). */
  initialSeq(index: number): number
  /** The first timestamp of stream `index`: random, 32 bit. */
  initialTimestamp(index: number): number
}

/** Everything about the media to one viewer. */
export class ViewerEgress {
  readonly id: string
  /** Something became due earlier than the last `tick` said. */
  onDue: ((dueMs: number) => void) | undefined
  /** A defect showed while a packet was forwarded: the stream has stopped, and the viewer should be closed. */
  onFault: ((error: unknown) => void) | undefined
  /** Something else of a video is forwarded. Called by `tick` only, never while a packet is being forwarded. */
  onLayer: ((event: LayerEvent) => void) | undefined
  readonly #tracks: readonly EgressTrack[]
  /** The streams of each section. */
  readonly #slotTracks: Readonly<Record<MediaKind, readonly (readonly EgressTrack[])[]>>
  readonly #congestion: CongestionControl
  readonly #videos: ViewerVideos
  #congestionDueMs = Number.POSITIVE_INFINITY
  readonly #slots: Readonly<Record<MediaKind, SlotAssignment>>
  /** What each stream carries, and the clocks that its feed goes by. */
  readonly #feeds = new Map<EgressTrack, string>()
  readonly #clocks = new Map<string, SourceClock>()
  readonly #unixOffsetMs: number
  readonly #rtcp: EgressRtcpSender
  readonly #feedback: ViewerFeedback
  readonly #counters = createEgressCounters()
  readonly #reports: ReportTimer
  readonly #sources = new Map<string, MediaSource>()
  #selectedFeeds: readonly string[] | undefined
  #isAudioPaused = false
  #state: 'waiting' | 'started' | 'closed' = 'waiting'
  /** What the owner was last told to be due. */
  #announcedMs = Number.POSITIVE_INFINITY
  /** When the newest change wants to be reported; infinity for none. */
  #changeDueMs = Number.POSITIVE_INFINITY

  constructor(options: ViewerEgressOptions) {
    const { output, config, sections, cname } = options
    this.id = options.id
    const onBegin = (nowMs: number): void => this.#changed(nowMs)
    const onDue = (dueMs: number): void => this.#announceAt(dueMs)
    const onFault = (error: unknown): void => this.onFault?.(error)
    const budget = new RetransmissionBudget(config.retransmissionShare, config.retransmissionBurstBytes)
    const expectsFeedback = sections.some(reportsTransportWide)
    this.#congestion = new CongestionControl(
      expectsFeedback,
      (nowMs) => this.#sendPadding(nowMs),
      (dueMs) => this.#announceAt(dueMs),
      config,
      output,
    )
    const congestion = this.#congestion
    const streams = sections.map(streamSections)
    const count = streams.flat().length
    let index = 0
    const createTrack = (section: StreamSection): EgressTrack => {
      const initialSeq = options.initialSeq(index)
      const initialRtxSeq = options.initialSeq(count + index)
      const initialTimestamp = options.initialTimestamp(index++)
      const numbers = { initialSeq, initialTimestamp, initialRtxSeq }
      const ownExtensions = OwnExtensions.create(section, options.extensions ?? {}, () => this.#clockOf(track))
      const shared = { output, config, congestion, budget, onBegin, onDue, onFault, ownExtensions }
      const track: EgressTrack = new EgressTrack({ section, ...numbers, ...shared })
      return track
    }
    const slots = streams.map((ofSection) => ofSection.map(createTrack))
    this.#tracks = slots.flat()
    const slotsOf = (kind: MediaKind) => slots.filter((_, i) => sections[i]?.kind === kind)
    this.#slotTracks = { audio: slotsOf('audio'), video: slotsOf('video') }
    const onLayer = (event: LayerEvent): void => this.onLayer?.(event)
    const { audio, video } = this.#slotTracks
    const audios = audio.flat()
    this.#videos = new ViewerVideos({ audios, videos: video, congestion, settles: expectsFeedback, onFault, onLayer })
    this.#slots = {
      audio: new SlotAssignment('audio', audio.length),
      video: new SlotAssignment('video', video.length),
    }
    this.#unixOffsetMs = config.unixOffsetMs
    this.#rtcp = new EgressRtcpSender(output, cname)
    const onPause = (track: EgressTrack, nowMs: number): void => this.#pauseChanged(track, nowMs)
    this.#feedback = new ViewerFeedback(
      this.#tracks,
      this.#counters,
      budget,
      congestion,
      this.#rtcp,
      onPause,
      options.onRtt,
    )
    this.#reports = new ReportTimer(config.reportIntervalMs, sections[0]?.ssrc ?? 0)
  }

  /** The feed of that name comes from `source` from now on, or from nowhere. Before `start` it is only remembered. */
  setSource(feed: string, source: MediaSource | undefined, nowMs: number): void {
    if (this.#state === 'closed' || source === this.#sources.get(feed)) return
    if (source) this.#sources.set(feed, source)
    else this.#sources.delete(feed)
    this.#clocks.delete(feed)
    if (this.#state === 'started') this.#attach(nowMs)
  }

  /** What the viewer wants from now on; what `settings` leaves out stays as it is. */
  configure(settings: ViewerSettings, nowMs: number): void {
    if (settings.publishers !== undefined) this.#selectedFeeds = settings.publishers ?? undefined
    this.#isAudioPaused = settings.paused?.audio ?? this.#isAudioPaused
    this.#videos.configure(settings)
    if (this.#state === 'started') this.#attach(nowMs)
  }

  /** The transport is up: media flows from now on, video from its next keyframe. */
  start(nowMs: number): void {
    if (this.#state !== 'waiting') return
    this.#state = 'started'
    this.#videos.start(nowMs)
    this.#attach(nowMs)
  }

  /** The viewer cannot decode on, in any of its videos. */
  requestKeyframe(nowMs: number): void {
    for (const track of this.#tracks) track.requestKeyframe(nowMs)
    this.#announce()
  }

  /** Takes the plain compound RTCP packet `buffer[start, end)`. */
  receiveRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    if (this.#state === 'closed') return
    this.#feedback.receive(buffer, start, end, nowMs)
    // Whatever else becomes due by it says so itself.
    if (this.#state === 'started' && this.#videos.feedbackReceived(nowMs)) this.#announce()
  }

  /** Sends the reports that are due; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    if (nowMs >= Math.min(this.#reports.dueMs, this.#changeDueMs)) {
      for (const track of this.#tracks) this.#rtcp.sendReport(track, this.#clockOf(track), nowMs)
      this.#changeDueMs = Number.POSITIVE_INFINITY
      // With nothing flowing there is nothing to report, until something begins.
      if (this.#tracks.some(({ live }) => live)) this.#reports.restart(nowMs)
      else this.#reports.disarm()
    }
    for (const track of this.#tracks) {
      if (nowMs >= track.repeats.dueMs) this.#rtcp.sendReport(track, this.#clockOf(track), nowMs)
      track.tick(nowMs)
    }
    if (this.#state === 'started') {
      this.#videos.tick(nowMs)
      this.#congestionDueMs = this.#congestion.tick(nowMs)
      this.#videos.report()
    }
    this.#announcedMs = this.#dueMs
    return this.#announcedMs
  }

  /** What each stream carries now, in the order of the sections and their layers; undefined for one that is not live. */
  get carried(): readonly (PayloadCodec | undefined)[] {
    return this.#tracks.map(({ payloadCodec }) => payloadCodec)
  }

  /** Everything counted so far. */
  stats(nowMs: number): EgressStats {
    return snapshotEgress(this.#tracks, this.#videos.all, this.#counters, this.#feedback.rttMs, this.#congestion, nowMs)
  }

  /** Adds what it has counted so far. */
  addTo({ egress }: { readonly egress: EgressSums }): void {
    addEgress(egress, this.#tracks, this.#counters, this.#congestion)
  }

  /** Adds how it is now. */
  addLevelsTo(levels: EgressLevels): void {
    addEgressLevels(levels, this.#tracks, this.#congestion)
  }

  /** Says goodbye, if anything was ever sent, and lets go of the source. Idempotent. */
  close(nowMs: number): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.onDue = undefined
    this.onFault = undefined
    this.onLayer = undefined
    this.#sources.clear()
    this.#videos.close(nowMs)
    for (const track of this.#tracks) track.attach(undefined, [], nowMs)
    this.#rtcp.sendBye(this.#tracks)
  }

  #attach(nowMs: number): void {
    const wanted = this.#wantedSources()
    for (const kind of ['audio', 'video'] as const) {
      const assigned = this.#slots[kind].assign(wanted)
      this.#slotTracks[kind].forEach((tracks, i) => {
        const { track: source, feed } = assigned[i] ?? {}
        for (const track of tracks) {
          if (feed === undefined) this.#feeds.delete(track)
          else this.#feeds.set(track, feed)
          if (kind === 'video') continue
          const isPaused = this.#isAudioPaused || track.pause.paused
          track.attach(isPaused ? undefined : source?.layers[0], source?.extensions ?? [], nowMs)
        }
        if (kind === 'video') this.#videos.carry(i, source, feed, wanted.get(feed ?? ''), nowMs)
      })
    }
    this.#videos.allocate(nowMs)
    this.#announce()
  }

  /** The viewer has paused a stream or resumed it: both hold at once. */
  #pauseChanged(track: EgressTrack, nowMs: number): void {
    this.#videos.streamPaused(track)
    if (this.#state === 'started') this.#attach(nowMs)
  }

  #sendPadding(nowMs: number): number {
    for (const track of this.#tracks) {
      const bytes = track.section.kind === 'video' ? track.sendPadding(nowMs) : 0
      if (bytes > 0) return bytes
    }
    return 0
  }

  #clockOf(track: EgressTrack): SourceClock {
    const feed = this.#feeds.get(track) ?? ''
    let clock = this.#clocks.get(feed)
    if (!clock) {
      clock = new SourceClock(this.#unixOffsetMs)
      this.#clocks.set(feed, clock)
    }
    return clock
  }

  #wantedSources(): ReadonlyMap<string, MediaSource> {
    if (!this.#selectedFeeds) return this.#sources
    const wanted = new Map<string, MediaSource>()
    for (const feed of this.#selectedFeeds) {
      const source = this.#sources.get(feed)
      if (source) wanted.set(feed, source)
    }
    return wanted
  }

  #changed(nowMs: number): void {
    this.#reports.arm(nowMs)
    this.#changeDueMs = Math.min(this.#changeDueMs, nowMs + REPORT_AFTER_CHANGE_MS)
    this.#announce()
  }

  get #dueMs(): number {
    let dueMs = Math.min(this.#changeDueMs, this.#reports.dueMs, this.#videos.dueMs, this.#congestionDueMs)
    for (const track of this.#tracks) dueMs = Math.min(dueMs, track.dueMs, track.repeats.dueMs)
    return dueMs
  }

  #announce(): void {
    this.#announceAt(this.#dueMs)
  }

  #announceAt(dueMs: number): void {
    if (dueMs >= this.#announcedMs) return
    this.#announcedMs = dueMs
    this.onDue?.(dueMs)
  }
}

/** True if the section's packets are numbered for the transport, and the viewer reports on them. */
function reportsTransportWide(section: EgressSection): boolean {
  if (transportWideId(section.extensions) === 0 || sendsUnchanged(section)) return false
  return section.codecs.some(({ feedback }) => feedback.includes('transport-cc'))
}
