/** A viewer's way out: its streams, fed by whatever source it watches, and the RTCP around them (RFC 3550, section 6). */
import { ReportTimer } from '../report-timer.js'
import type { MediaConfig, MediaSink, MediaSource, MediaTrack, RtpOutput } from '../types.js'
import { EgressRtcpSender } from './egress-rtcp-sender.js'
import { createEgressCounters, type EgressStats, snapshotEgress } from './egress-stats.js'
import { type EgressSection, EgressTrack } from './egress-track.js'
import { SourceClock } from './source-clock.js'
import { ViewerFeedback } from './viewer-feedback.js'

export type { EgressSection } from './egress-track.js'

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
  /** The first sequence number of stream `index`: random, and below 32768 (RFC 3711, section 3.3.1). */
  initialSeq(index: number): number
  /** The first timestamp of stream `index`: random, 32 bit. */
  initialTimestamp(index: number): number
}

/** Everything about the media to one viewer. */
export class ViewerEgress implements MediaSink {
  readonly id: string
  /** Something became due earlier than the last `tick` said. */
  onDue: ((dueMs: number) => void) | undefined
  /** A defect showed while a packet was forwarded: the stream has stopped, and the viewer should be closed. */
  onFault: ((error: unknown) => void) | undefined
  readonly #tracks: readonly EgressTrack[]
  readonly #clock: SourceClock
  readonly #rtcp: EgressRtcpSender
  readonly #feedback: ViewerFeedback
  readonly #counters = createEgressCounters()
  readonly #reports: ReportTimer
  #source: MediaSource | undefined
  #state: 'waiting' | 'started' | 'closed' = 'waiting'
  /** What the owner was last told to be due. */
  #announcedMs = Number.POSITIVE_INFINITY
  /** When the newest change wants to be reported; infinity for none. */
  #changeDueMs = Number.POSITIVE_INFINITY

  constructor(options: ViewerEgressOptions) {
    const { output, config, sections, cname } = options
    this.id = options.id
    const onBegin = (nowMs: number): void => this.#changed(nowMs)
    const onFault = (error: unknown): void => this.onFault?.(error)
    this.#tracks = sections.map((section, index) => {
      const initialSeq = options.initialSeq(index)
      const initialTimestamp = options.initialTimestamp(index)
      return new EgressTrack({ section, output, config, initialSeq, initialTimestamp, onBegin, onFault })
    })
    this.#clock = new SourceClock(config.unixOffsetMs)
    this.#rtcp = new EgressRtcpSender(output, cname, this.#clock)
    this.#feedback = new ViewerFeedback(this.#tracks, this.#counters)
    this.#reports = new ReportTimer(config.reportIntervalMs, sections[0]?.ssrc ?? 0)
  }

  /** See {@link MediaSink.setSource}. Before `start` it is only remembered. */
  setSource(source: MediaSource | undefined, nowMs: number): void {
    if (this.#state === 'closed' || source === this.#source) return
    this.#source = source
    this.#clock.reset()
    if (this.#state === 'started') this.#attach(nowMs)
  }

  /** The transport is up: media flows from now on, video from its next keyframe. */
  start(nowMs: number): void {
    if (this.#state !== 'waiting') return
    this.#state = 'started'
    this.#attach(nowMs)
  }

  /** Takes the plain compound RTCP packet `buffer[start, end)`. */
  receiveRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void {
    if (this.#state !== 'closed') this.#feedback.receive(buffer, start, end, nowMs)
  }

  /** Sends the reports that are due; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    if (nowMs >= Math.min(this.#reports.dueMs, this.#changeDueMs)) {
      for (const track of this.#tracks) this.#rtcp.sendReport(track, nowMs)
      this.#changeDueMs = Number.POSITIVE_INFINITY
      // With nothing flowing there is nothing to report, until something begins.
      if (this.#tracks.some(({ live }) => live)) this.#reports.restart(nowMs)
      else this.#reports.disarm()
    }
    this.#announcedMs = Math.min(this.#reports.dueMs, this.#changeDueMs)
    return this.#announcedMs
  }

  /** Everything counted so far. */
  stats(nowMs: number): EgressStats {
    return snapshotEgress(this.#tracks, this.#counters, this.#feedback.rttMs, nowMs)
  }

  /** Says goodbye, if anything was ever sent, and lets go of the source. Idempotent. */
  close(nowMs: number): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.onDue = undefined
    this.onFault = undefined
    this.#source = undefined
    for (const track of this.#tracks) track.attach(undefined, [], nowMs)
    this.#rtcp.sendBye(this.#tracks)
  }

  /** The n-th audio stream takes the source's n-th audio track, and so for video. */
  #attach(nowMs: number): void {
    const used = { audio: 0, video: 0 }
    for (const track of this.#tracks) {
      const { kind } = track.section
      const wanted = used[kind]++
      const taken = this.#source?.tracks.filter((candidate) => candidate.kind === kind)[wanted]
      track.attach(taken === undefined ? undefined : selectLayer(taken), taken?.extensions ?? [], nowMs)
    }
  }

  #changed(nowMs: number): void {
    this.#reports.arm(nowMs)
    this.#changeDueMs = Math.min(this.#changeDueMs, nowMs + REPORT_AFTER_CHANGE_MS)
    const dueMs = Math.min(this.#changeDueMs, this.#reports.dueMs)
    if (dueMs >= this.#announcedMs) return
    this.#announcedMs = dueMs
    this.onDue?.(dueMs)
  }
}

/** The layer that a viewer gets: the best. Choosing by bandwidth and preference belongs here. */
function selectLayer(track: MediaTrack): MediaTrack['layers'][number] | undefined {
  return track.layers.at(-1)
}
