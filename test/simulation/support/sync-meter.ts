/** What a viewer makes of its sender reports: the capture time of each frame, by the newest report alone and by a line through the newest twenty. */
import { timestampDelta } from '../../../src/rtp/sequence.js'
import { readTruth } from './drifting-publisher.js'
import type { ReceivedReport, ReceivedStream, SimulatedViewer } from './simulated-viewer.js'
import type { Stage } from './stage.js'

/** How far audio and video are apart for the viewer. */
export interface SyncSample {
  readonly atMs: number
  /** By the newest report of each. */
  readonly byLastMs: number
  /** By lines through the newest reports; NaN while a stream has no two. */
  readonly byLineMs: number
}

/** Something else is shown from now on. */
export interface SyncChange {
  readonly atMs: number
  readonly stream: 'audio' | 'video'
  /** The step between the timestamps of the newest frame of before and the first of now, and between their captures; in milliseconds. */
  readonly stepMs: number
  readonly capturedMs: number
}

const LINE_REPORTS = 20
const MAX_INTERVAL_MS = 3_600_000
const MAX_STEP_TICKS = 2 ** 25
const MAX_REFUSED = 3

/** Reports as browsers use them: a line through the newest of them by least squares, behind checks of each. */
export class ReportLine {
  /** Newest last; timestamps unwrapped. */
  readonly #reports: { readonly unixMs: number; readonly ticks: number }[] = []
  #refused = 0

  constructor(readonly clockRate: number) {}

  add({ unixMs, rtpTimestamp }: ReceivedReport): void {
    const newest = this.#reports.at(-1)
    let ticks = rtpTimestamp
    if (newest !== undefined) {
      const delta = timestampDelta(rtpTimestamp, newest.ticks)
      ticks = newest.ticks + delta
      const elapsedMs = unixMs - newest.unixMs
      if (elapsedMs === 0 || delta === 0) return
      if (elapsedMs < 0 || elapsedMs > MAX_INTERVAL_MS || delta < 0 || delta > MAX_STEP_TICKS) {
        if (++this.#refused < MAX_REFUSED) return
        this.#reports.length = 0
      }
    }
    this.#refused = 0
    this.#reports.push({ unixMs, ticks })
    if (this.#reports.length > LINE_REPORTS) this.#reports.shift()
  }

  unixMs(timestamp: number): number {
    const reports = this.#reports
    const count = reports.length
    const newest = reports.at(-1)
    if (newest === undefined || count < 2) return Number.NaN
    // Relative to the newest, for the sake of precision.
    let [x, y, xx, xy] = [0, 0, 0, 0]
    for (const report of reports) {
      const dx = report.ticks - newest.ticks
      const dy = report.unixMs - newest.unixMs
      x += dx / count
      y += dy / count
      xx += dx * dx
      xy += dx * dy
    }
    const slope = (xy - count * x * y) / (xx - count * x * x)
    return newest.unixMs + y + slope * (timestampDelta(timestamp, newest.ticks) - x)
  }
}

interface Watched {
  readonly name: 'audio' | 'video'
  readonly stream: ReceivedStream
  readonly line: ReportLine
  reportsSeen: number
  newest: number
  origin: number
  capturedMs: number
  atMs: number
  /** Wall clock by the reports, less the true capture. */
  byLastMs: number
  byLineMs: number
}

/** Watches the two streams of a viewer. */
export class SyncMeter {
  readonly samples: SyncSample[] = []
  readonly changes: SyncChange[] = []
  /** Steps back of a stream's timestamps in the order of sequence numbers, and of its reports' NTP times. */
  stepsBack = 0
  reportStepsBack = 0
  readonly #stage: Stage
  readonly #watched: readonly [Watched, Watched]

  constructor(stage: Stage, viewer: SimulatedViewer) {
    this.#stage = stage
    this.#watched = [watch('audio', viewer.audio), watch('video', viewer.video)]
    for (const watched of this.#watched) {
      const { stream } = watched
      let newestSeq = -1
      const { receive } = stream
      stream.receive = (packet, header, atMs, repaired) => {
        const { newest: before } = watched
        receive.call(stream, packet, header, atMs, repaired)
        const ahead = newestSeq < 0 || ((header.seq - newestSeq) << 16) >> 16 > 0
        if (!ahead) return
        newestSeq = header.seq
        if (before >= 0 && timestampDelta(header.timestamp, before) < 0) this.stepsBack++
        if (header.timestamp !== before) this.#frame(watched, packet, header.timestamp)
      }
    }
  }

  /** How far the streams were apart at most, by `key`, but for the `windowMs` that begin at each of `fromMs`. */
  worstMs(key: 'byLastMs' | 'byLineMs', fromMs: readonly number[] = [], windowMs = 0): number {
    let worstMs = 0
    for (const sample of this.samples) {
      if (fromMs.some((ms) => sample.atMs >= ms && sample.atMs < ms + windowMs)) continue
      // What is not known is as bad as can be.
      if (Number.isNaN(sample[key])) return Number.POSITIVE_INFINITY
      worstMs = Math.max(worstMs, sample[key])
    }
    return worstMs
  }

  #frame(watched: Watched, packet: Buffer, timestamp: number): void {
    const { nowMs } = this.#stage
    const { capturedMs, origin } = readTruth(packet)
    this.#takeReports(watched)
    if (watched.newest >= 0 && (origin !== watched.origin || nowMs - watched.atMs > 1000)) {
      const stepMs = (timestampDelta(timestamp, watched.newest) * 1000) / watched.stream.clockRate
      this.changes.push({ atMs: nowMs, stream: watched.name, stepMs, capturedMs: capturedMs - watched.capturedMs })
    }
    watched.newest = timestamp
    watched.origin = origin
    watched.capturedMs = capturedMs
    watched.atMs = nowMs
    const trueMs = capturedMs + this.#stage.clock.unixOffsetMs
    watched.byLastMs = watched.stream.reports.length === 0 ? Number.NaN : watched.stream.wallClockMs(timestamp) - trueMs
    watched.byLineMs = watched.line.unixMs(timestamp) - trueMs
    const [audio, video] = this.#watched
    // A stream that has paused is in sync with nothing, and so are two publishers.
    if (nowMs - audio.atMs > 1000 || nowMs - video.atMs > 1000 || audio.origin >> 4 !== video.origin >> 4) return
    const byLastMs = Math.abs(audio.byLastMs - video.byLastMs)
    this.samples.push({ atMs: nowMs, byLastMs, byLineMs: Math.abs(audio.byLineMs - video.byLineMs) })
  }

  #takeReports(watched: Watched): void {
    const { reports } = watched.stream
    for (; watched.reportsSeen < reports.length; watched.reportsSeen++) {
      const report = reports[watched.reportsSeen] as ReceivedReport
      const before = reports[watched.reportsSeen - 1]
      if (before !== undefined && report.unixMs <= before.unixMs) this.reportStepsBack++
      watched.line.add(report)
    }
  }
}

function watch(name: Watched['name'], stream: ReceivedStream): Watched {
  const never = { reportsSeen: 0, newest: -1, origin: -1, capturedMs: 0, atMs: Number.NEGATIVE_INFINITY }
  return {
    name,
    stream,
    line: new ReportLine(stream.clockRate),
    ...never,
    byLastMs: Number.NaN,
    byLineMs: Number.NaN,
  }
}
