/** What a supervisor asks: is the process alive, and may it be sent clients? */
import { BroadcastError } from '../errors.js'
import type { TimerHost } from '../util/clock.js'
import type { MetricsSource } from './metrics-source.js'

/** The answer to a probe. */
export interface ProbeResult {
  readonly ok: boolean
  /** What is wrong, in words; empty if nothing is. */
  readonly reasons: readonly string[]
}

/** Alive: every engine thread answers in time. */
export async function checkAlive(source: MetricsSource, timeoutMs: number, timers: TimerHost): Promise<ProbeResult> {
  try {
    await within(source.stats(), timeoutMs, timers)
    return result([])
  } catch (error) {
    return result([BroadcastError.from(error).message])
  }
}

/** Ready: alive with its media ports open, and neither draining nor overloaded. */
export async function checkReady(source: MetricsSource, timeoutMs: number, timers: TimerHost): Promise<ProbeResult> {
  const { reasons } = await checkAlive(source, timeoutMs, timers)
  const load = source.load?.()
  return result([
    ...reasons,
    ...(source.draining === true ? ['it is draining'] : []),
    ...(load?.overloaded === true ? load.reasons.map((reason) => `overloaded: ${reason}`) : []),
  ])
}

/** What `work` resolves with. Rejects with `engine-failed` if it takes too long. */
export async function within<Value>(work: Promise<Value>, timeoutMs: number, timers: TimerHost): Promise<Value> {
  let cancel = (): void => {}
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = timers.setTimer(timeoutMs, () => {
      reject(new BroadcastError('engine-failed', `the engine has not answered within ${timeoutMs} ms`))
    })
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    cancel()
  }
}

function result(reasons: readonly string[]): ProbeResult {
  return { ok: reasons.length === 0, reasons }
}
