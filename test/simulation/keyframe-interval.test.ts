import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('keyframes are asked for at the interval, while anybody watches', () => {
  const stage = new Stage({ keyframeIntervalMs: 2000 })
  const publisher = stage.publisher()
  publisher.start()
  stage.run(20_000)
  expect(publisher.plis).toBe(0)
  const viewer = stage.join(publisher)
  stage.run(20_500)
  expect(publisher.plis).toBeGreaterThanOrEqual(9)
  expect(publisher.plis).toBeLessThanOrEqual(11)
  viewer.close()
  const before = publisher.plis
  stage.run(20_000)
  expect(publisher.plis - before).toBeLessThanOrEqual(1)
})

test('a keyframe that comes by itself starts the interval anew', () => {
  const stage = new Stage({ keyframeIntervalMs: 2000 })
  const publisher = stage.publisher()
  stage.join(publisher)
  publisher.start()
  for (let i = 0; i < 10; i++) {
    publisher.video.keyframeWanted = true
    stage.run(1500)
  }
  expect(publisher.plis).toBe(0)
})
