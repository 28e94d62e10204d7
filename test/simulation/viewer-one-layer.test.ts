/** A viewer of a video without layers, on a network that carries it: nothing is held back, whatever the server or the publisher does in between. */
import { expect, test } from 'vitest'
import type { BrowserViewer } from './support/browser-viewer.js'
import { NetworkScene } from './support/network-scene.js'

const VIDEO_BPS = 2_200_000

function watch(seed: number, rateBps: number): { scene: NetworkScene; viewer: BrowserViewer } {
  const scene = new NetworkScene({ seed, audioMs: 0, encodings: [{ rid: 'f', height: 720, bitrateBps: VIDEO_BPS }] })
  const viewer = scene.join({ seed, link: { rateBps, queueMs: 300, delayMs: 20 }, back: { delayMs: 20 } })
  return { scene, viewer }
}

function pacing({ scene, viewer }: { scene: NetworkScene; viewer: BrowserViewer }) {
  return viewer.egress.stats(scene.nowMs).pacing
}

test.each([1, 2, 3])('what arrives is learned, so a pause does not make the first guess a limit, seed %d', (seed) => {
  const { scene, viewer } = watch(seed, 20_000_000)
  const [encoder] = scene.camera.encoders
  if (!encoder) throw new Error('no encoder')
  scene.run(1500)
  expect(viewer.egress.stats(scene.nowMs).estimatedBps).toBeGreaterThan(0.8 * VIDEO_BPS)
  for (let i = 0; i < 5; i++) {
    encoder.enabled = false
    scene.run(700)
    encoder.enabled = true
    scene.run(1000)
  }
  expect(pacing({ scene, viewer }).dropped).toBe(0)
  expect(viewer.egress.stats(scene.nowMs).estimatedBps).toBeGreaterThan(VIDEO_BPS)
})

test.each([1, 2, 3])('where there is room for all of it, only keyframes are spread, seed %d', (seed) => {
  const { scene, viewer } = watch(seed, 20_000_000)
  scene.run(10_000)
  const before = pacing({ scene, viewer })
  scene.run(5000)
  expect(pacing({ scene, viewer })).toEqual(before)
  viewer.sendPli()
  scene.run(1000)
  const { queued, dropped } = pacing({ scene, viewer })
  expect(queued).toBeGreaterThan(before.queued)
  expect(dropped).toBe(0)
  scene.run(1000)
  expect(pacing({ scene, viewer }).queued).toBe(queued)
})

test.each([1, 2, 3])('a link that becomes narrow is noticed, and what it carries then is sent, seed %d', (seed) => {
  const { scene, viewer } = watch(seed, 20_000_000)
  scene.run(10_000)
  viewer.bottleneck.conditions.rateBps = 1_000_000
  scene.run(2000)
  expect(viewer.egress.stats(scene.nowMs).estimatedBps).toBeLessThan(1_100_000)
  const { queued } = pacing({ scene, viewer })
  scene.run(3000)
  expect(pacing({ scene, viewer }).queued).toBeGreaterThan(queued)
})
