import { expect, test } from 'vitest'
import { LayerIds } from '../../../../src/media/codecs/layer-ids.js'
import { LayerMeter } from '../../../../src/media/layers/layer-info.js'

const ids = (spatialId: number, temporalId: number): LayerIds =>
  Object.assign(new LayerIds(), { spatialId, temporalId })

/** Frames of `bytes` at 25 per second, with the temporal layers in turn. */
function run(
  meter: LayerMeter,
  fromMs: number,
  toMs: number,
  bytes: number,
  layers: readonly (LayerIds | undefined)[],
): void {
  for (let i = 0; fromMs + i * 40 < toMs; i++) {
    const atMs = fromMs + i * 40
    meter.add(bytes, atMs * 90, layers[i % layers.length], atMs)
  }
}

test('a layer that has just begun is alive, and its rate is not known yet', () => {
  const meter = new LayerMeter()
  expect(meter.info(0)).toMatchObject({ alive: false, bitrateBps: Number.NaN })
  run(meter, 0, 400, 1000, [undefined])
  expect(meter.info(400)).toMatchObject({ alive: true, bitrateBps: Number.NaN, sublayers: [] })
  run(meter, 400, 2000, 1000, [undefined])
  const { bitrateBps, fps } = meter.info(2000)
  expect(bitrateBps).toBeCloseTo(200_000, -4)
  expect(fps).toBeCloseTo(25, 1)
})

test('parts of a layer cost what they and all below them take', () => {
  const meter = new LayerMeter()
  run(meter, 0, 4000, 1000, [ids(0, 0), ids(0, 2), ids(0, 1), ids(0, 2)])
  const { sublayers } = meter.info(4000)
  expect(sublayers.map(({ temporalId }) => temporalId)).toEqual([0, 1, 2])
  for (const [i, share] of [0.25, 0.5, 1].entries()) {
    expect((sublayers[i]?.bitrateBps ?? 0) / 200_000).toBeGreaterThan(share * 0.9)
    expect((sublayers[i]?.bitrateBps ?? 0) / 200_000).toBeLessThan(share * 1.1)
  }
})

test('spatial layers are in the order of quality, and cost what is below them in both ways', () => {
  const meter = new LayerMeter()
  run(meter, 0, 4000, 1000, [ids(0, 0), ids(1, 0), ids(0, 1), ids(1, 1)])
  expect(meter.info(4000).sublayers.map(({ spatialId, temporalId }) => [spatialId, temporalId])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])
  const [a, b, c, d] = meter.info(4000).sublayers.map(({ bitrateBps }) => Math.round(bitrateBps / 50_000))
  expect([a, b, c, d]).toEqual([1, 2, 2, 4])
})

test('silence longer than a few frames means that it is gone, and its past does not count when it is back', () => {
  const meter = new LayerMeter()
  run(meter, 0, 3000, 4000, [ids(0, 0)])
  expect(meter.isAlive(3400)).toBe(true)
  expect(meter.isAlive(3600)).toBe(false)
  expect(meter.info(3600).bitrateBps).toBeNaN()
  run(meter, 10_000, 11_000, 1000, [ids(0, 0)])
  expect(meter.info(11_000).bitrateBps / 200_000).toBeGreaterThan(0.95)
  expect(meter.info(11_000).bitrateBps / 200_000).toBeLessThan(1.1)
})

test('few frames per second are not silence', () => {
  const meter = new LayerMeter()
  for (let atMs = 0; atMs <= 5000; atMs += 500) meter.add(1000, atMs * 90, undefined, atMs)
  expect(meter.isAlive(7500)).toBe(true)
  expect(meter.isAlive(8500)).toBe(false)
})

test('facts are shared until they are a tenth of a second old or it falls silent', () => {
  const meter = new LayerMeter()
  run(meter, 0, 1000, 1000, [undefined])
  meter.setFrameSize(640, 360)
  const info = meter.info(1000)
  expect(info).toMatchObject({ width: 640, height: 360 })
  expect(meter.info(1050)).toBe(info)
  expect(meter.info(1100)).not.toBe(info)
})

test('parts have the sizes that a keyframe states, the largest being that of all, until another states none', () => {
  const meter = new LayerMeter()
  meter.setSpatialSizes([{ width: 480, height: 270 }, undefined, { width: 1280, height: 720 }])
  run(meter, 0, 1000, 1000, [ids(0, 0), ids(1, 0), ids(2, 0), ids(3, 0)])
  const info = meter.info(1000)
  expect(info).toMatchObject({ width: 1280, height: 720 })
  const heights = (): (number | undefined)[] => meter.info(1000).sublayers.map(({ height }) => height)
  expect(heights()).toEqual([270, undefined, 720, undefined])
  meter.setSpatialSizes([])
  run(meter, 1000, 1200, 1000, [ids(0, 0)])
  expect(meter.info(1200).sublayers.map(({ width, height }) => [width, height])).toEqual(
    new Array(4).fill([undefined, undefined]),
  )
  expect(meter.info(1200)).toMatchObject({ width: 1280, height: 720 })
})
