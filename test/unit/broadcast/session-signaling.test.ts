/** What signaling adapters ask of sessions and broadcasts. */
import { describe, expect, it } from 'vitest'
import type { SignalingEvent } from '../../../src/broadcast/signaling-target.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

describe('session.subscribe', () => {
  it('follows the broadcast and the session', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const events: SignalingEvent[] = []
    session.subscribe((event) => events.push(event))
    engine.simulateState(session.id, 'connected')
    const publisher = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    engine.simulateState(publisher.session.id, 'connected')
    const layer = { publisher: 'main', mid: '1', live: true, rid: undefined, reason: 'source' } as const
    engine.simulateLayer(session.id, layer)
    await publisher.session.close()
    await session.close()
    expect(events).toEqual([
      { type: 'viewers', count: 0 },
      { type: 'viewers', count: 1 },
      { type: 'live' },
      { type: 'layer' },
      { type: 'idle' },
      { type: 'closed', reason: 'closed' },
    ])
    expect(() => session.subscribe(() => {})()).not.toThrow()
    await sfu.close()
  })
})

describe('requireLive', () => {
  it('refuses a viewer until a publisher is connected, and makes no broadcast for it', async () => {
    const { sfu, engine } = fakeSfu()
    const view = () => sfu.view(VIEWER_OFFER, { broadcast: 'a', requireLive: true })
    await expect(view()).rejects.toMatchObject({ code: 'not-live', httpStatus: 409 })
    expect(sfu.broadcasts()).toEqual([])
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', requireLive: true })
    await expect(view()).rejects.toMatchObject({ code: 'not-live' })
    await expect(sfu.broadcast('a').addViewer(VIEWER_OFFER, { requireLive: true })).rejects.toMatchObject({
      code: 'not-live',
    })
    engine.simulateState(session.id, 'connected')
    await expect(view()).resolves.toMatchObject({ type: 'answer' })
    await sfu.close()
  })
})

describe('session.preferLayer and session.layers', () => {
  it('hands a preference on, for all videos or one', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await session.preferLayer({ maxRid: 'h', maxSpatialId: 1, maxTemporalId: 0 })
    expect(engine.viewerSettings.get(session.id)).toEqual({
      layer: { maxRid: 'h', maxSpatialId: 1, maxTemporalId: 0 },
    })
    await session.preferLayer({ maxWidth: 640 }, '1')
    await session.preferLayer(undefined)
    expect(engine.viewerSettings.get(session.id)).toEqual({
      layer: null,
      section: { mid: '1', layer: { maxWidth: 640 } },
    })
    for (const wrong of [{ maxSpatialId: -1 }, { maxTemporalId: 8 }, { maxSpatialId: 0.5 }]) {
      await expect(session.preferLayer(wrong)).rejects.toMatchObject({ code: 'option-invalid' })
    }
    await sfu.close()
  })

  it('has no layers where nothing is sent, and none once it has ended', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    expect(await session.layers()).toEqual([])
    await session.close()
    expect(await session.layers()).toEqual([])
    await sfu.close()
  })
})
