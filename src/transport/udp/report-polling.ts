/** When the sockets are read that nobody waits for: with everything else that comes, and otherwise every few milliseconds. */

/** What reports wait for at most while anything comes. With half of it, the thread takes a sixteenth more CPU at 100 viewers, for timers alone. */
const ACTIVE_MS = 10
/** The same when nothing has come for {@link IDLE_AFTER} readings. */
const IDLE_MS = 20
const IDLE_AFTER = 100

/** What calls back; Node's own functions by default. */
export interface PollingTurns {
  setImmediate(fn: () => void): unknown
  setTimeout(fn: () => void, ms: number): PollingTimer
}

/** A timer that can begin anew. */
export interface PollingTimer {
  refresh(): unknown
  unref(): unknown
  close(): unknown
}

const NODE_TURNS: PollingTurns = {
  setImmediate: (fn) => setImmediate(fn),
  setTimeout: (fn, ms) => setTimeout(fn, ms) as NodeJS.Timeout & PollingTimer,
}

/** See the top of the file. */
export class ReportPolling {
  readonly #read: () => number
  readonly #isNeeded: () => boolean
  readonly #turns: PollingTurns
  #timer: PollingTimer | undefined
  #timerMs = 0
  #isDue = false
  #empty = 0
  #closed = false

  /**
   * @param read reads what has come; returns how much that was.
   * @param isNeeded false while nobody sends reports. Then nothing is read until something else comes.
   */
  constructor(read: () => number, isNeeded: () => boolean, turns: PollingTurns = NODE_TURNS) {
    this.#read = read
    this.#isNeeded = isNeeded
    this.#turns = turns
  }

  /** Something else has come: at the end of the turn of the event loop, reports are read. */
  noteArrival(): void {
    if (this.#isDue || this.#closed) return
    this.#isDue = true
    this.#turns.setImmediate(this.#onTurn)
  }

  /** Reads no more. Idempotent. */
  close(): void {
    this.#closed = true
    this.#timer?.close()
    this.#timer = undefined
  }

  readonly #onTurn = (): void => {
    this.#isDue = false
    if (this.#closed) return
    this.#read()
    this.#empty = 0
    this.#wait(ACTIVE_MS)
  }

  readonly #onTimer = (): void => {
    if (this.#closed) return
    if (!this.#isNeeded()) {
      this.#timer = undefined
      return
    }
    if (this.#read() > 0) this.#empty = 0
    else this.#empty++
    this.#wait(this.#empty >= IDLE_AFTER ? IDLE_MS : ACTIVE_MS)
  }

  #wait(ms: number): void {
    if (this.#closed) return
    if (this.#timer !== undefined && this.#timerMs === ms) {
      this.#timer.refresh()
      return
    }
    this.#timer?.close()
    this.#timerMs = ms
    this.#timer = this.#turns.setTimeout(this.#onTimer, ms)
    this.#timer.unref()
  }
}
