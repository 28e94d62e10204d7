/** A viewer on a link that stays as it is, narrower or wider than the layers of 150, 500 and 2000 kbps need. */
import { expect, test } from 'vitest'
import { NetworkScene } from './support/network-scene.js'
import { layerChangesMs, layerShares, mostChangesWithin, queueMs } from './support/viewing-figures.js'

const RATES_KBPS = [260, 350, 580, 700, 1000, 1500, 2000, 2250, 2400, 2600, 3000, 4000]

test.each(RATES_KBPS.flatMap((kbps) => [1, 2].map((seed) => [kbps, seed] as const)))(
  '%d kbps, seed %d',
  (kbps, seed) => {
    const scene = new NetworkScene({ seed })
    const viewer = scene.join({
      seed,
      link: { rateBps: kbps * 1000, queueMs: 300, delayMs: 20 },
      back: { delayMs: 20 },
    })
    viewer.bottleneck.keepWaits = true
    const fromMs = scene.nowMs
    scene.run(90_000)
    const toMs = scene.nowMs
    expect(mostChangesWithin(layerChangesMs(viewer, fromMs, toMs), 30_000)).toBeLessThanOrEqual(3)
    expect(queueMs(viewer.bottleneck.waits, 0.95, fromMs + 5000, toMs)).toBeLessThan(150)
    expect(viewer.frames.longestFreezeMs(fromMs + 5000, toMs)).toBeLessThan(2000)
    // Well above what a layer needs, with headers, audio and the margin for the way up, it is that layer for most of the time.
    const shares = layerShares(viewer, fromMs + 10_000, toMs)
    const fitting = kbps >= 2600 ? 'f' : kbps >= 700 && kbps <= 2000 ? 'h' : undefined
    if (fitting !== undefined) expect(shares.get(fitting) ?? 0).toBeGreaterThan(0.8)
  },
)
