/** The publisher stops sending its best layer, as browsers do when they are busy, and takes it up again. */
import { expect, test } from 'vitest'
import { NetworkScene } from './support/network-scene.js'
import { layerShares, reachedMs } from './support/viewing-figures.js'

test.each([1, 2, 3])('a viewer goes on with the next best within a second, and returns (seed %d)', (seed) => {
  const scene = new NetworkScene({ seed })
  const viewer = scene.join({ seed, link: { rateBps: 6_000_000 }, back: { delayMs: 20 } })
  scene.run(10_000)
  expect(viewer.rid).toBe('f')
  const diesMs = scene.nowMs
  scene.camera.encoder('f').enabled = false
  scene.run(10_000)
  expect(reachedMs(viewer, 'h', diesMs) - diesMs).toBeLessThan(1500)
  expect(viewer.frames.longestFreezeMs(diesMs, scene.nowMs)).toBeLessThan(2000)
  const returnsMs = scene.nowMs
  scene.camera.encoder('f').enabled = true
  scene.run(20_000)
  expect(reachedMs(viewer, 'f', returnsMs) - returnsMs).toBeLessThan(5000)
  expect(viewer.frames.longestFreezeMs(returnsMs, scene.nowMs)).toBeLessThan(500)
  expect(layerShares(viewer, returnsMs + 5000, scene.nowMs).get('f')).toBe(1)
})
