/** Counts what happens to the sessions of an Sfu. */
import { Histogram } from '../util/histogram.js'
import type { MetricFamily, MetricLabels, NumberSample } from './metric-family.js'
import { SESSION_METRICS } from './metric-table.js'
import type { CloseReason, MetricsBroadcast, MetricsSession, MetricsSource, SessionRole } from './metrics-source.js'

const ROLES: readonly SessionRole[] = ['publisher', 'viewer']
const JOIN_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10]

/** A counter whose labels are known when it counts. */
class LabelledCounter {
  readonly #samples = new Map<string, { labels: MetricLabels; value: number }>()

  add(labels: MetricLabels, by = 1): void {
    const key = Object.values(labels).join(' ')
    const sample = this.#samples.get(key)
    if (sample) sample.value += by
    else this.#samples.set(key, { labels, value: by })
  }

  samples(): readonly NumberSample[] {
    return [...this.#samples.values()].map(({ labels, value }) => ({ labels, value }))
  }
}

/** See the top of the file. Counts from when it is made. */
export class SfuCounters {
  readonly #opened = new LabelledCounter()
  readonly #closed = new LabelledCounter()
  readonly #refused = new LabelledCounter()
  readonly #joins = ROLES.flatMap((role) =>
    (['answered', 'connected'] as const).map((stage) => ({ role, stage, histogram: new Histogram(JOIN_SECONDS) })),
  )
  readonly #stops = new Map<MetricsBroadcast, readonly (() => void)[]>()
  readonly #offSource: readonly (() => void)[]
  readonly #unixMs: () => number

  constructor(source: Pick<MetricsSource, 'broadcasts' | 'on'>, unixMs: () => number) {
    this.#unixMs = unixMs
    for (const role of ROLES) this.#opened.add({ role }, 0)
    this.#offSource = [
      source.on('broadcast-added', (broadcast) => this.#watch(broadcast)),
      source.on('offer-refused', ({ code }, role) => this.#refused.add({ role, code })),
    ]
    for (const broadcast of source.broadcasts()) this.#watch(broadcast)
  }

  /** What was counted. */
  families(): readonly MetricFamily[] {
    const joins = this.#joins.map(({ role, stage, histogram }) => ({
      labels: { role, stage },
      histogram: histogram.snapshot(),
    }))
    return [
      { ...SESSION_METRICS.opened, samples: this.#opened.samples() },
      { ...SESSION_METRICS.closed, samples: this.#closed.samples() },
      { ...SESSION_METRICS.refused, samples: this.#refused.samples() },
      { ...SESSION_METRICS.join, samples: joins },
    ]
  }

  /** Counts no more. */
  close(): void {
    for (const off of this.#offSource) off()
    for (const stops of this.#stops.values()) for (const stop of stops) stop()
    this.#stops.clear()
  }

  #watch(broadcast: MetricsBroadcast): void {
    this.#stops.set(broadcast, [
      broadcast.on('session-opened', (session) => this.#onOpened(session)),
      broadcast.on('publisher-joined', (session) => this.#onJoined(session)),
      broadcast.on('viewer-joined', (session) => this.#onJoined(session)),
      broadcast.on('session-closed', (session, reason) => this.#onClosed(session, reason)),
      broadcast.on('closed', () => this.#stops.delete(broadcast)),
    ])
  }

  #onOpened({ role, createdAt }: MetricsSession): void {
    this.#opened.add({ role })
    this.#observe(role, 'answered', this.#unixMs() - createdAt)
  }

  #onJoined({ role, createdAt, connectedAt }: MetricsSession): void {
    if (connectedAt !== undefined) this.#observe(role, 'connected', connectedAt - createdAt)
  }

  #onClosed({ role }: MetricsSession, reason: CloseReason): void {
    this.#closed.add({ role, reason })
  }

  #observe(role: SessionRole, stage: 'answered' | 'connected', ms: number): void {
    const join = this.#joins.find((one) => one.role === role && one.stage === stage)
    join?.histogram.observe(Math.max(0, ms) / 1000)
  }
}
