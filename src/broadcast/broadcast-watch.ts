/** Tells those who signal with a broadcast's sessions what happens around them. */
import { systemTimers, type TimerHost } from '../util/clock.js'
import { createLog } from '../util/log.js'
import type { Session } from './session.js'
import type { SignalingEvent, SignalingListener } from './signaling-target.js'

const log = createLog('session')

/** The viewers are counted this often at most, however fast they come and go. */
const COUNT_EVERY_MS = 1000

/** What it looks at. */
export interface WatchedBroadcast {
  readonly live: boolean
  readonly viewerCount: number
}

/** The listeners of one broadcast. A thousand viewers that join cost them one call a second, not a thousand each. */
export class BroadcastWatch {
  readonly #listeners = new Set<SignalingListener>()
  readonly #broadcast: WatchedBroadcast
  readonly #timers: TimerHost
  #cancelCount: (() => void) | undefined
  #toldCount = 0

  constructor(broadcast: WatchedBroadcast, timers: TimerHost = systemTimers) {
    this.#broadcast = broadcast
    this.#timers = timers
  }

  /** Tells `listener` how things are, and then what happens, until `session` ends or the returned function is called. */
  subscribe(session: Session, listener: SignalingListener): () => void {
    if (session.state === 'closed') return () => {}
    if (this.#listeners.size === 0) this.#toldCount = this.#broadcast.viewerCount
    // One of its own, as the same function may be passed twice.
    const own: SignalingListener = (event) => listener(event)
    this.#listeners.add(own)
    const offLayer = session.on('layer', () => call(own, { type: 'layer' }))
    const offReconnect = session.on('reconnect', () => call(own, { type: 'reconnect' }))
    const offClosed = session.on('closed', (reason) => {
      this.#listeners.delete(own)
      call(own, { type: 'closed', reason })
    })
    if (this.#broadcast.live) call(own, { type: 'live' })
    call(own, { type: 'viewers', count: this.#broadcast.viewerCount })
    if (session.isAskedToReconnect) call(own, { type: 'reconnect' })
    return () => {
      this.#listeners.delete(own)
      offLayer()
      offReconnect()
      offClosed()
    }
  }

  /** Tells everybody. */
  tell(event: SignalingEvent): void {
    for (const listener of [...this.#listeners]) call(listener, event)
  }

  /** A viewer has come or gone: the count is told, at once or when it is due. */
  onViewersChanged(): void {
    if (this.#cancelCount === undefined && this.#listeners.size > 0) this.#count()
  }

  #count(): void {
    const count = this.#broadcast.viewerCount
    this.#cancelCount = undefined
    if (count === this.#toldCount) return
    this.#toldCount = count
    this.#cancelCount = this.#timers.setTimer(COUNT_EVERY_MS, () => this.#count())
    this.tell({ type: 'viewers', count })
  }

  /** Ends its timer. */
  close(): void {
    this.#cancelCount?.()
    this.#listeners.clear()
  }
}

function call(listener: SignalingListener, event: SignalingEvent): void {
  try {
    listener(event)
  } catch (error) {
    log('listener of %s threw: %O', event.type, error)
  }
}
