/** Viewers whose browsers give no transport-wide feedback: with an estimate of their own (REMB), and with nothing but reports. */
import { expect, test } from 'vitest'
import { NetworkScene } from './support/network-scene.js'
import { percentile } from './support/percentile.js'
import { layerShares } from './support/viewing-figures.js'

test('by the estimate of the receiver alone, a better layer is reached within a minute, and kept', () => {
  const scene = new NetworkScene({ seed: 1 })
  const viewer = scene.join({ feedback: 'remb', link: { rateBps: 4_000_000 }, back: { delayMs: 20 } })
  scene.run(60_000)
  const fromMs = scene.nowMs
  scene.run(60_000)
  // Receivers allow little more than arrives, so the way to four times as much is long.
  expect(layerShares(viewer, fromMs, scene.nowMs).get('q') ?? 0).toBe(0)
})

test('by the estimate of the receiver alone, less is sent where less is carried', () => {
  const freezesMs = [1, 2, 3, 4, 5].map((seed) => {
    const scene = new NetworkScene({ seed })
    const viewer = scene.join({ feedback: 'remb', link: { rateBps: 700_000, queueMs: 300 }, back: { delayMs: 20 } })
    scene.run(20_000)
    const fromMs = scene.nowMs
    scene.run(60_000)
    expect(layerShares(viewer, fromMs, scene.nowMs).get('f') ?? 0).toBe(0)
    return viewer.frames.longestFreezeMs(fromMs, scene.nowMs)
  })
  // A receiver that goes by RTP timestamps takes what waits in our pacer for delay of the network, and about one in ten goes down to the bottom by that.
  expect(percentile(freezesMs, 0.5)).toBeLessThan(2000)
})

test('without any feedback, everything is sent', () => {
  const scene = new NetworkScene({ seed: 1 })
  const viewer = scene.join({ feedback: 'none', link: { delayMs: 20 }, back: { delayMs: 20 } })
  const fromMs = scene.nowMs
  scene.run(30_000)
  expect(layerShares(viewer, fromMs + 3000, scene.nowMs).get('f') ?? 0).toBeGreaterThan(0.95)
  expect(viewer.frames.longestFreezeMs(fromMs + 3000, scene.nowMs)).toBeLessThan(200)
})
