import { expect, test } from 'vitest'
import type { LayerEvent } from '../../../../src/media/egress/layer-event.js'
import { LayerReporter } from '../../../../src/media/egress/layer-reporter.js'
import { type LayerChange, type LayerChoice, NO_LAYER } from '../../../../src/media/layers/allocation.js'
import { ALL_LAYERS } from '../../../../src/media/layers/layer-limits.js'
import type { MediaLayer, MediaSource } from '../../../../src/media/types.js'

const layer = (rid: string): MediaLayer => ({ rid }) as MediaLayer
const low = layer('l')
const high = layer('h')
const p1: MediaSource = { id: 'p1', tracks: [] }
const p2: MediaSource = { id: 'p2', tracks: [] }

function scene() {
  const track = { section: { mid: 'v' }, layer: undefined as MediaLayer | undefined, live: false, needsKeyframe: false }
  const selector = { wanted: undefined as MediaLayer | undefined }
  const events: LayerEvent[] = []
  const reporter = new LayerReporter([{ track, selector, rank: undefined }], (event) => events.push(event))
  const forward = (to: MediaLayer | undefined, live = to !== undefined): void => {
    track.layer = to
    track.live = live
  }
  /** What has been told since the last call. */
  const told = (): LayerEvent[] => {
    reporter.report()
    return events.splice(0)
  }
  return { reporter, track, selector, forward, told }
}

const all = (at: number): LayerChoice => ({ layer: at, spatialId: ALL_LAYERS, temporalId: ALL_LAYERS })

function change(from: LayerChoice, to: LayerChoice, reason: LayerChange['reason']): LayerChange {
  return { id: 'v', from, to, reason }
}

/** It carries the low layer, which has been told. */
function begun() {
  const made = scene()
  made.reporter.carry(0, 'main', p1)
  made.reporter.decide(0, all(0))
  made.forward(low)
  made.told()
  return made
}

test('nothing is told before anything is forwarded', () => {
  const { reporter, forward, told } = scene()
  expect(told()).toEqual([])
  reporter.carry(0, 'main', p1)
  reporter.decide(0, all(0), change(NO_LAYER, all(0), 'layer-started'))
  expect(told()).toEqual([])
  forward(low, false)
  expect(told()).toEqual([])
  forward(low)
  expect(told()).toEqual([{ publisher: 'main', mid: 'v', live: true, rid: 'l', reason: 'source' }])
  expect(told()).toEqual([])
})

test('temporal limits are told when they are set, spatial ones too', () => {
  const { reporter, told } = begun()
  const limited: LayerChoice = { layer: 0, spatialId: ALL_LAYERS, temporalId: 1 }
  reporter.decide(0, limited, change(all(0), limited, 'bandwidth'))
  expect(told()).toEqual([{ publisher: 'main', mid: 'v', live: true, rid: 'l', temporalId: 1, reason: 'bandwidth' }])
  const less: LayerChoice = { layer: 0, spatialId: 0, temporalId: 1 }
  reporter.decide(0, less, change(limited, less, 'preference'))
  expect(told()).toMatchObject([{ spatialId: 0, temporalId: 1, reason: 'preference' }])
  reporter.decide(0, all(0), change(less, all(0), 'bandwidth'))
  const [whole] = told()
  expect(whole).not.toHaveProperty('spatialId')
  expect(whole).not.toHaveProperty('temporalId')
})

test('more spatial layers are told when the keyframe for them has come', () => {
  const { reporter, track, told } = begun()
  const base: LayerChoice = { layer: 0, spatialId: 0, temporalId: ALL_LAYERS }
  reporter.decide(0, base, change(all(0), base, 'bandwidth'))
  expect(told()).toMatchObject([{ spatialId: 0 }])
  reporter.decide(0, all(0), change(base, all(0), 'bandwidth'))
  track.needsKeyframe = true
  expect(told()).toEqual([])
  track.needsKeyframe = false
  const [whole] = told()
  expect(whole).toMatchObject({ rid: 'l', reason: 'bandwidth' })
  expect(whole).not.toHaveProperty('spatialId')
})

test('the limits of a layer that is waited for are told with it', () => {
  const { reporter, selector, forward, told } = begun()
  const limited: LayerChoice = { layer: 1, spatialId: ALL_LAYERS, temporalId: 0 }
  reporter.decide(0, limited, change(all(0), limited, 'bandwidth'))
  selector.wanted = high
  expect(told()).toEqual([])
  selector.wanted = undefined
  forward(high)
  expect(told()).toMatchObject([{ rid: 'h', temporalId: 0, reason: 'bandwidth' }])
})

test('a change has the reason of the decision that came last', () => {
  const { reporter, forward, told } = begun()
  reporter.decide(0, all(1), change(all(0), all(1), 'bandwidth'))
  reporter.decide(0, all(2), change(all(1), all(2), 'preference'))
  reporter.decide(0, all(2))
  forward(high)
  expect(told()).toMatchObject([{ rid: 'h', reason: 'preference' }])
})

test('a stream that stops to flow for a moment has not changed', () => {
  const { forward, told } = begun()
  forward(low, false)
  expect(told()).toEqual([])
  forward(low)
  expect(told()).toEqual([])
})

test('what a new publisher begins with has the reason source, however good it has become', () => {
  const { reporter, forward, told } = begun()
  reporter.carry(0, 'main', p2)
  forward(undefined)
  forward(high, false)
  reporter.decide(0, all(1), change(NO_LAYER, all(1), 'layer-started'))
  expect(told()).toEqual([])
  forward(high)
  expect(told()).toMatchObject([{ rid: 'h', reason: 'source' }])
})

test('the same layer of a new publisher is a change', () => {
  const { reporter, told } = begun()
  reporter.carry(0, 'main', p2)
  expect(told()).toMatchObject([{ rid: 'l', reason: 'source' }])
})

test('a publisher that has gone is named', () => {
  const { reporter, forward, told } = begun()
  reporter.carry(0, undefined, undefined)
  forward(undefined)
  expect(told()).toEqual([{ publisher: 'main', mid: 'v', live: false, rid: undefined, reason: 'source' }])
})

test('pausing is the reason whatever the allocator says, and resuming until something is forwarded again', () => {
  const { reporter, forward, told } = begun()
  reporter.decide(0, NO_LAYER, change(all(0), NO_LAYER, 'bandwidth'))
  reporter.setPaused(true)
  reporter.setPaused(true)
  forward(undefined)
  expect(told()).toMatchObject([{ live: false, reason: 'paused' }])
  reporter.setPaused(false)
  reporter.decide(0, all(1), change(NO_LAYER, all(1), 'layer-started'))
  forward(high)
  expect(told()).toMatchObject([{ live: true, reason: 'resumed' }])
  reporter.decide(0, all(0), change(all(1), all(0), 'bandwidth'))
  forward(low)
  expect(told()).toMatchObject([{ rid: 'l', reason: 'bandwidth' }])
})

test('a publisher that comes after a pause is the reason, one that came during it is not', () => {
  const after = scene()
  after.reporter.setPaused(true)
  after.reporter.setPaused(false)
  after.reporter.carry(0, 'main', p1)
  after.forward(low)
  expect(after.told()).toMatchObject([{ reason: 'source' }])
  const during = begun()
  during.reporter.setPaused(true)
  during.forward(undefined)
  during.told()
  during.reporter.carry(0, 'main', p2)
  expect(during.told()).toEqual([])
  during.reporter.setPaused(false)
  during.forward(low)
  expect(during.told()).toMatchObject([{ reason: 'resumed' }])
})

test('that the allocator takes over when the network is known is told as bandwidth', () => {
  const { reporter, forward, told } = begun()
  reporter.decide(0, all(1), change(NO_LAYER, all(1), 'layer-started'))
  forward(high)
  expect(told()).toMatchObject([{ rid: 'h', reason: 'bandwidth' }])
})
