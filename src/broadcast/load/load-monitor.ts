/** Measures the load again and again, and says when it is too much. */
import type { ShardLoad } from '../../engine/types.js'
import { BroadcastError } from '../../errors.js'
import { createLog } from '../../util/log.js'
import type { Deadline, Scheduler } from '../../util/scheduler.js'
import { type LoadFigures, type LoadSample, type LoadStats, loadFigures, NO_LOAD } from './load-stats.js'
import type { OverloadConfig } from './overload-options.js'
import { type Judgement, judgeLoad } from './overload-reasons.js'
import { OverloadState } from './overload-state.js'
import type { LoadProbe } from './process-probe.js'

const log = createLog('load')

/** Clients are told different times to come back, so that they do not all come at once. */
const RETRY_MS = 5000

/** What the monitor needs, and whom it tells. */
export interface LoadMonitorOptions {
  readonly intervalMs: number
  readonly limits: OverloadConfig
  readonly scheduler: Scheduler
  /** Undefined where nothing is measured. */
  readonly probe: LoadProbe | undefined
  /** What the shards say of themselves. */
  shards(): Promise<readonly ShardLoad[]>
  /** Newcomers are refused from now on, or no more. */
  onOverloaded(overloaded: boolean, load: LoadStats): void
  /** Viewers do without so many of their best layers from now on. */
  onLowered(layers: number): void
}

/** See the top of the file. */
export class LoadMonitor {
  readonly #options: LoadMonitorOptions
  readonly #state: OverloadState
  #next: Deadline | undefined
  #sample: LoadSample | undefined
  /** How many looks have waited for the shards' answer; undefined while none is waited for. */
  #unanswered: number | undefined
  #figures: LoadFigures = NO_LOAD
  #judgement: Judgement = { utilization: 0, reasons: [] }
  #atMs = 0
  #closed = false

  constructor(options: LoadMonitorOptions) {
    this.#options = options
    this.#state = new OverloadState(options.limits)
  }

  /** The newest figures. */
  get load(): LoadStats {
    const { overloaded, loweredLayers } = this.#state
    return { atMs: this.#atMs, ...this.#figures, ...this.#judgement, overloaded, loweredLayers }
  }

  /** Begins to measure, unless it does. */
  start(): void {
    const { probe } = this.#options
    if (probe === undefined || this.#next !== undefined || this.#closed) return
    probe.start()
    this.#look(probe)
  }

  /** Measures no more. */
  close(): void {
    this.#closed = true
    this.#next?.cancel()
    this.#options.probe?.stop()
  }

  /** Throws `overloaded` if somebody new cannot be taken. */
  checkRoom(role: 'publisher' | 'viewer'): void {
    if (!this.#state.overloaded) return
    const { refusePublishersAbove } = this.#options.limits
    if (role === 'publisher' && this.#judgement.utilization < refusePublishersAbove) return
    const retryAfterMs = RETRY_MS * (1 + Math.random())
    throw new BroadcastError('overloaded', 'the server has too much to do; try again later', {
      details: { retryAfterMs },
    })
  }

  #look(probe: LoadProbe): void {
    const { scheduler, intervalMs } = this.#options
    this.#next = scheduler.after(intervalMs, () => this.#look(probe))
    if (this.#unanswered === undefined) {
      this.#unanswered = 0
      this.#measure(probe).catch((error: unknown) => log('not measured: %O', error))
    } else if (++this.#unanswered > 1) {
      // After a pause of this very thread, an answer may wait behind the first look.
      this.#judge(this.#lateFigures(this.#unanswered * intervalMs))
    }
  }

  async #measure(probe: LoadProbe): Promise<void> {
    const { scheduler } = this.#options
    const shards = await this.#options.shards().finally(() => {
      this.#unanswered = undefined
    })
    const process = await probe.read(shards.map(({ port }) => port))
    if (this.#closed) return
    const before = this.#sample
    this.#sample = { atMs: scheduler.clock.nowMs(), process, shards }
    if (before) this.#judge(loadFigures(before, this.#sample))
  }

  /** A shard that does not even answer is as late as its answer. */
  #lateFigures(waitedMs: number): LoadFigures {
    const { control, shards } = this.#figures.eventLoopDelayMs
    return {
      ...this.#figures,
      eventLoopDelayMs: { control, shards: shards.map((delayMs) => Math.max(delayMs, waitedMs)) },
    }
  }

  #judge(figures: LoadFigures): void {
    const { limits, scheduler, onOverloaded, onLowered } = this.#options
    const { overloaded, loweredLayers } = this.#state
    this.#figures = figures
    this.#judgement = judgeLoad(figures, limits)
    this.#atMs = scheduler.clock.unixMs()
    this.#state.update(this.#judgement.utilization, scheduler.clock.nowMs())
    if (this.#state.loweredLayers !== loweredLayers) onLowered(this.#state.loweredLayers)
    if (this.#state.overloaded === overloaded) return
    log(overloaded ? 'recovered' : 'overloaded: %s', this.#judgement.reasons.join('; '))
    onOverloaded(!overloaded, this.load)
  }
}
