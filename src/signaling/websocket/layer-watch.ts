/** Tells which layers a viewer can choose from, whenever there are others. */
import type { SectionLayers, SignalingSession } from '../../broadcast/signaling-target.js'
import { createLog } from '../../util/log.js'
import type { Deadline, Scheduler } from '../../util/scheduler.js'

const log = createLog('signaling')

/** Looked at so often without a reason, as not every change has an event. */
const EVERY_MS = 2000
/** And with one, however many there are. */
const AT_MOST_EVERY_MS = 1000

/** The layers of one session, while its client wants to know. */
export class LayerWatch {
  readonly #session: SignalingSession
  readonly #scheduler: Scheduler
  readonly #tell: (layers: readonly SectionLayers[]) => void
  #next: Deadline | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #lookedMs = Number.NEGATIVE_INFINITY
  #looking = false
  #running = false
  #told = ''

  constructor(session: SignalingSession, scheduler: Scheduler, tell: (layers: readonly SectionLayers[]) => void) {
    this.#session = session
    this.#scheduler = scheduler
    this.#tell = tell
  }

  /** Begins, with what the client has been told; without that, it is told in any case. */
  start(told?: readonly SectionLayers[]): void {
    const nowMs = this.#scheduler.clock.nowMs()
    this.#running = true
    this.#told = told === undefined ? '' : keyOf(told)
    this.#lookedMs = nowMs
    this.#arm(told === undefined ? nowMs : nowMs + EVERY_MS)
  }

  stop(): void {
    this.#running = false
    this.#next?.cancel()
  }

  /** Something has happened that may have changed them. */
  hint(): void {
    if (!this.#running || this.#looking) return
    const dueMs = Math.max(this.#scheduler.clock.nowMs(), this.#lookedMs + AT_MOST_EVERY_MS)
    if (dueMs < this.#dueMs) this.#arm(dueMs)
  }

  #arm(dueMs: number): void {
    this.#next?.cancel()
    this.#dueMs = dueMs
    this.#next = this.#scheduler.at(dueMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      const layers = await this.#session.layers()
      const key = keyOf(layers)
      if (this.#running && key !== this.#told) {
        this.#told = key
        this.#tell(layers)
      }
    } catch (error) {
      log('layers of session %s: %O', this.#session.id, error)
    } finally {
      this.#looking = false
      this.#lookedMs = this.#scheduler.clock.nowMs()
      if (this.#running) this.#arm(this.#lookedMs + EVERY_MS)
    }
  }
}

/** Without the bitrates, which change all the time. */
function keyOf(layers: readonly SectionLayers[]): string {
  return JSON.stringify(layers, (name, value: unknown) => (name === 'bitrateBps' ? undefined : value))
}
