/** What a join costs besides media: the padding of the first probes. */
import { expect, test } from 'vitest'
import { NetworkScene } from './support/network-scene.js'

test('the first probes look for what the layers take, however much more the network carries', () => {
  const scene = new NetworkScene({ seed: 1 })
  const viewer = scene.join({ link: { rateBps: 100_000_000, delayMs: 20 }, back: { delayMs: 20 } })
  scene.run(1500)
  const { retransmission, estimatedBps } = viewer.egress.stats(scene.nowMs)
  // The best layer has 2 Mbps.
  expect(estimatedBps).toBeGreaterThan(2_200_000)
  // Without that bound it was 309,256.
  expect(retransmission.bytes).toBeLessThan(30_000)
})
