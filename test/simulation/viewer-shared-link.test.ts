/** Viewers who share a link: everybody gets a part of it, most of it is used, and nobody stalls. */
import { expect, test } from 'vitest'
import { Bottleneck } from './support/bottleneck.js'
import { NetworkScene } from './support/network-scene.js'
import { queueMs } from './support/viewing-figures.js'

const CASES = [
  { viewers: 2, kbps: 1400, apartMs: 0 },
  { viewers: 2, kbps: 5000, apartMs: 8000 },
  { viewers: 4, kbps: 2800, apartMs: 3000 },
  { viewers: 4, kbps: 10_000, apartMs: 3000 },
]

test.each(CASES)('$viewers viewers on $kbps kbps, joining $apartMs ms apart', ({ viewers, kbps, apartMs }) => {
  const scene = new NetworkScene({ seed: 1 })
  const bottleneck = new Bottleneck(scene.clock, 1, { rateBps: kbps * 1000, queueMs: 300, delayMs: 20 })
  bottleneck.keepWaits = true
  for (let i = 0; i < viewers; i++) {
    scene.join({ seed: 10 + i, bottleneck, back: { delayMs: 20 } })
    scene.run(apartMs)
  }
  scene.run(20_000)
  const fromMs = scene.nowMs
  scene.run(60_000)
  const toMs = scene.nowMs
  const rates = scene.viewers.map((viewer) => viewer.arrived.bps(fromMs, toMs))
  // The least layer and its audio, whatever the others do.
  expect(Math.min(...rates)).toBeGreaterThan(150_000)
  expect(rates.reduce((sum, bps) => sum + bps, 0)).toBeGreaterThan(0.6 * kbps * 1000)
  expect(queueMs(bottleneck.waits, 0.95, fromMs, toMs)).toBeLessThan(150)
  for (const viewer of scene.viewers) expect(viewer.frames.longestFreezeMs(fromMs, toMs)).toBeLessThan(2000)
})
