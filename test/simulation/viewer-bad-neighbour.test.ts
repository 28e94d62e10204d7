/** One viewer at 200 kbps, which loses a tenth of it, beside 99 good ones: they are sent the same packets at the same times as without it. */
import { expect, test } from 'vitest'
import { NetworkScene } from './support/network-scene.js'

const GOOD = 99

/** When each of the good viewers' packets left, by viewer. */
function sendTimes(seed: number, withBad: boolean): number[][] {
  const scene = new NetworkScene({ seed })
  const times = Array.from({ length: GOOD }, (_, i) => {
    const viewer = scene.join({ seed: 10 + i, keep: false, link: { delayMs: 20 }, back: { delayMs: 20 } })
    const sentMs: number[] = []
    viewer.onSent = () => sentMs.push(scene.nowMs)
    return sentMs
  })
  scene.run(5000)
  if (withBad) {
    scene.join({
      seed: 5,
      keep: false,
      link: { rateBps: 200_000, queueMs: 500, delayMs: 100, lossRate: 0.1 },
      back: { delayMs: 100, lossRate: 0.1 },
    })
  }
  scene.run(10_000)
  return times
}

test('a viewer on a bad link changes nothing for 99 others', { timeout: 60_000 }, () => {
  const without = sendTimes(1, false)
  const beside = sendTimes(1, true)
  const differences = without.flatMap((times, viewer) => {
    expect(beside[viewer]?.length).toBe(times.length)
    return times.map((atMs, i) => Math.abs(atMs - (beside[viewer]?.[i] ?? Number.NaN)))
  })
  differences.sort((a, b) => a - b)
  expect(differences.length).toBeGreaterThan(100_000)
  expect(differences[Math.floor(0.99 * differences.length)]).toBeLessThan(1)
})
