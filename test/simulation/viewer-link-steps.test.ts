/** A viewer's link that becomes narrow and wide again: what it sees, with simulcast layers of 150, 500 and 2000 kbps. */
import { expect, test } from 'vitest'
import type { BrowserViewer } from './support/browser-viewer.js'
import { NetworkScene } from './support/network-scene.js'
import { layerChangesMs, layerShares, mostChangesWithin, queueMs, reachedMs } from './support/viewing-figures.js'

const WIDE_BPS = 3_000_000
const NARROW_BPS = 700_000
/** What the middle layer takes, the best that fits. */
const FITTING = 'h'
const SETTLING_MS = 3000

interface Times {
  readonly joined: number
  readonly narrow: number
  readonly wide: number
  readonly end: number
}

function watch(seed: number, queue: number, delayMs: number): { viewer: BrowserViewer; at: Times } {
  const scene = new NetworkScene({ seed })
  const viewer = scene.join({ seed, link: { rateBps: WIDE_BPS, queueMs: queue, delayMs }, back: { delayMs } })
  viewer.bottleneck.keepWaits = true
  const joined = scene.nowMs
  // The step falls anywhere between two frames and two feedbacks.
  scene.run(15_000 + seed * 170)
  const narrow = scene.nowMs
  viewer.bottleneck.conditions.rateBps = NARROW_BPS
  scene.run(20_000)
  const wide = scene.nowMs
  viewer.bottleneck.conditions.rateBps = WIDE_BPS
  scene.run(20_000)
  return { viewer, at: { joined, narrow, wide, end: scene.nowMs } }
}

/** How much of the time on the narrow link the layer that fits was forwarded, by case. */
const shares: number[] = []

const CASES = [100, 500].flatMap((queue) =>
  [10, 25, 50, 100].flatMap((delayMs) => [1, 2, 3].map((seed) => [queue, 2 * delayMs, seed] as const)),
)

test.each(CASES)('3 Mbps, 700 kbps, 3 Mbps; queue %d ms, round trip %d ms, seed %d', (queue, rttMs, seed) => {
  const { viewer, at } = watch(seed, queue, rttMs / 2)
  const { frames, bottleneck } = viewer
  expect(reachedMs(viewer, 'f', at.joined) - at.joined).toBeLessThanOrEqual(8000)

  const firstChangeMs = layerChangesMs(viewer, at.narrow, at.wide)[0] ?? Number.POSITIVE_INFINITY
  expect(firstChangeMs - at.narrow).toBeLessThanOrEqual(1500)
  expect(frames.longestFreezeMs(at.narrow, at.end)).toBeLessThanOrEqual(2000)
  const share = layerShares(viewer, at.narrow + SETTLING_MS, at.wide).get(FITTING) ?? 0
  expect(share).toBeGreaterThanOrEqual(0.65)
  shares.push(share)
  expect(reachedMs(viewer, 'f', at.wide) - at.wide).toBeLessThanOrEqual(8000)

  for (const [from, to] of [
    [at.joined, at.narrow],
    [at.narrow, at.wide],
    [at.wide, at.end],
  ] as const) {
    expect(queueMs(bottleneck.waits, 0.95, from + SETTLING_MS, to)).toBeLessThan(150)
    expect(mostChangesWithin(layerChangesMs(viewer, from + SETTLING_MS, to), 30_000)).toBeLessThanOrEqual(3)
  }
})

test('what the narrow link carries is used, all cases together', () => {
  expect(shares.length).toBe(CASES.length)
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThanOrEqual(0.9)
})
