/** Waits for something that happens in browsers and threads; the time is only a bound. */
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Throws if it does not happen.
 *
 * @param {string} what
 * @param {() => boolean | Promise<boolean>} holds
 * @param {number} withinMs
 */
export async function waitFor(what, holds, withinMs) {
  if (!(await holdsWithin(withinMs, holds))) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
}

/**
 * Resolves with true as soon as it holds, with false if it does not in that time.
 *
 * @param {number} withinMs
 * @param {() => boolean | Promise<boolean>} holds
 */
export async function holdsWithin(withinMs, holds) {
  const endMs = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > endMs) return false
    await sleep(20)
  }
  return true
}
