/** Where time comes from. The media core never asks for it; it is handed `nowMs`. */
export interface Clock {
  /** Monotonic milliseconds with fractions; the origin is arbitrary. */
  nowMs(): number
  /** Milliseconds since the Unix epoch, for NTP timestamps and log lines. */
  unixMs(): number
}

/** The clock of this process. Steps of the wall clock do not reach it: Unix time is fixed at start and then follows the monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => performance.timeOrigin + performance.now(),
}

/** What a {@link Scheduler} arms; `setTimeout` in real life, a virtual clock in tests. */
export interface TimerHost {
  /** Calls `fn` once, about `delayMs` from now; returns the way to cancel it. */
  setTimer(delayMs: number, fn: () => void): () => void
}

/** Timers of this process that do not keep it alive. */
export const systemTimers: TimerHost = {
  setTimer(delayMs, fn) {
    const timer = setTimeout(fn, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Time and timers of this process. */
export const systemTime: Clock & TimerHost = { ...systemClock, ...systemTimers }
