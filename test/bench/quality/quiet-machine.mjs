/** Waits until nothing else is going on: pictures that come late because another program computes say nothing about a network. */
import { setTimeout as sleep } from 'node:timers/promises'
import { watchLoad } from './load-watch.mjs'

const LOOK_MS = 2000

/**
 * Resolves when other programs take less than that, or so much time has passed.
 *
 * @param {number} maxOtherPercent of one core
 * @param {number} patienceMs
 */
export async function quietMachine(maxOtherPercent, patienceMs) {
  const endMs = performance.now() + patienceMs
  for (let quiet = 0; quiet < 2 && performance.now() < endMs; ) {
    const look = watchLoad()
    await sleep(LOOK_MS)
    quiet = look().otherPercent <= maxOtherPercent ? quiet + 1 : 0
  }
}
