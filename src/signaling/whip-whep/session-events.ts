/** What happens around a viewer's session, as WHEP's events on one stream of its. */
import type { CloseReason, SignalingEvent, SignalingSession } from '../../broadcast/signaling-target.js'
import type { PeekedSection } from '../../sdp/peek-sections.js'
import { systemTimers, type TimerHost } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import { EventStream, type WhepEventName } from './event-stream.js'
import { layersKey, whepLayers } from './layers-event.js'

const log = createLog('signaling')

/** The layers are looked at this often, while somebody reads of them. */
const LAYERS_EVERY_MS = 2000

/** Ends after which another session may be had at the same place: by an engine that was replaced, or a server that comes back. */
const WORTH_RECONNECTING: ReadonlySet<CloseReason> = new Set([
  'draining',
  'engine-failed',
  'internal-error',
  'sfu-closed',
])

/** Everything that is announced. */
export const WHEP_EVENTS: readonly WhepEventName[] = ['active', 'inactive', 'layers', 'reconnect', 'viewercount']

/** The same of a publisher's session. */
export const WHIP_EVENTS: readonly WhepEventName[] = ['reconnect', 'viewercount']

/** What {@link SessionEvents} is made with. */
export interface SessionEventsOptions {
  readonly session: SignalingSession
  /** The m-lines of its answer. */
  readonly sections: readonly PeekedSection[]
  readonly wanted: ReadonlySet<WhepEventName>
  readonly heartbeatMs: number
  /** The session has ended, and this with it. */
  onEnd(): void
  readonly timers?: TimerHost
}

/** Feeds one stream. */
export class SessionEvents {
  readonly stream: EventStream
  readonly #options: SessionEventsOptions
  readonly #timers: TimerHost
  readonly #unsubscribe: () => void
  #stopTimers: (() => void)[] = []
  #layers = ''
  #looking = false

  constructor(options: SessionEventsOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.stream = new EventStream(options.wanted, (isThere) => this.#onReader(isThere))
    this.#unsubscribe = options.session.subscribe((event) => this.#onEvent(event))
  }

  /** Ends it; the reader gets what was told before. */
  close(): void {
    this.#unsubscribe()
    this.stream.close()
  }

  #onEvent(event: SignalingEvent): void {
    if (event.type === 'live') this.stream.tell('active', {}, 'inactive')
    // Only after an `active`: there is no first `inactive`.
    else if (event.type === 'idle') this.stream.tell('inactive', {}, 'active')
    else if (event.type === 'viewers') this.stream.tell('viewercount', { viewercount: event.count })
    else if (event.type === 'reconnect') this.stream.tell('reconnect', {})
    if (event.type === 'closed') {
      if (WORTH_RECONNECTING.has(event.reason)) this.stream.tell('reconnect', {})
      this.stream.close()
      this.#options.onEnd()
    } else if (event.type !== 'viewers' && event.type !== 'reconnect') void this.#lookAtLayers()
  }

  #onReader(isThere: boolean): void {
    for (const stop of this.#stopTimers.splice(0)) stop()
    if (!isThere) return
    this.#every(this.#options.heartbeatMs, () => this.stream.beat())
    if (!this.stream.wants('layers')) return
    void this.#lookAtLayers()
    this.#every(LAYERS_EVERY_MS, () => void this.#lookAtLayers())
  }

  #every(intervalMs: number, fn: () => void): void {
    const index = this.#stopTimers.length
    const arm = (): void => {
      this.#stopTimers[index] = this.#timers.setTimer(intervalMs, () => {
        arm()
        fn()
      })
    }
    arm()
  }

  /** Tells the layers if they are others than the last time, or begin or cease to be active. */
  async #lookAtLayers(): Promise<void> {
    if (this.#looking || this.#stopTimers.length === 0 || !this.stream.wants('layers')) return
    this.#looking = true
    try {
      const data = whepLayers(await this.#options.session.layers(), this.#options.sections)
      const key = layersKey(data)
      const isNews = key !== this.#layers && (this.#layers !== '' || key !== '{}')
      this.#layers = key
      if (isNews) this.stream.tell('layers', data)
    } catch (error) {
      log('layers of session %s: %O', this.#options.session.id, error)
    } finally {
      this.#looking = false
    }
  }
}
