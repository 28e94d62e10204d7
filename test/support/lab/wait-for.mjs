/** Waits for something that happens in browsers and threads; the time is only a bound. */
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @param {string} what
 * @param {() => boolean | Promise<boolean>} holds
 * @param {number} withinMs
 */
export async function waitFor(what, holds, withinMs) {
  const endMs = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`did not happen within ${withinMs} ms: ${what}`)
    await sleep(20)
  }
}
