/** What a broadcast knows of the nodes that its media come through, and how its relays count. */
import { describe, expect, it } from 'vitest'
import type { SignalingContext } from '../../../src/broadcast/signaling-target.js'
import { Sfu } from '../../../src/index.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

function scene(options: ConstructorParameters<typeof Sfu>[0] = {}) {
  const { sfu, engine } = fakeSfu({ nodeId: 'self', ...options })
  const broadcast = sfu.broadcast('show')
  const connect = <T extends { session: { id: string } }>(joined: T): T => {
    engine.simulateState(joined.session.id, 'connected')
    return joined
  }
  const publish = (context: SignalingContext) => broadcast.addPublisher(PUBLISHER_OFFER, context)
  const view = (context: SignalingContext = {}) => broadcast.addViewer(VIEWER_OFFER, context)
  return { sfu, broadcast, connect, publish, view }
}

describe('a node', () => {
  it('has a name that is chosen, or random', () => {
    const { sfu, broadcast } = scene()
    expect([sfu.nodeId, broadcast.nodeId]).toEqual(['self', 'self'])
    const [a, b] = [fakeSfu().sfu.nodeId, fakeSfu().sfu.nodeId]
    expect(a).toMatch(/^[0-9a-f]{16}$/)
    expect(b).not.toBe(a)
  })

  it.each(['', 'a b', 'a,b', 'x'.repeat(65), 7])('cannot be called %j', (nodeId) => {
    expect(() => new Sfu({ nodeId: nodeId as string })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})

describe('the path', () => {
  it('is that of the publisher that is forwarded', async () => {
    const { broadcast, connect, publish } = scene()
    expect(broadcast.relayPath()).toEqual([])
    await publish({ relay: { path: ['origin', 'a'] } })
    const second = await publish({ relay: { path: ['origin', 'b'] } })
    expect(broadcast.relayPath()).toEqual(['origin', 'a', 'b'])
    connect(second)
    expect(broadcast.relayPath()).toEqual(['origin', 'b'])
    await publish({ relay: { path: ['other'] } })
    expect(broadcast.relayPath()).toEqual(['origin', 'b'])
    connect(await publish({}))
    expect(broadcast.relayPath()).toEqual([])
  })

  it('is one for each publisher, and for all of them together', async () => {
    const { broadcast, connect, publish, view } = scene()
    connect(await publish({ as: 'camera', relay: { path: ['origin', 'a'] } }))
    connect(await publish({ as: 'slides', relay: { path: ['origin', 'b'] } }))
    connect(await publish({ as: 'own' }))
    expect(broadcast.relayPath(['slides'])).toEqual(['origin', 'b'])
    expect(broadcast.relayPath(['own'])).toEqual([])
    expect(broadcast.relayPath()).toEqual(['origin', 'a', 'b'])
    const { session } = await view({ publishers: ['camera'] })
    expect(session.relayPath()).toEqual(['origin', 'a', 'self'])
    await session.selectPublishers(['slides'])
    expect(session.relayPath()).toEqual(['origin', 'b', 'self'])
    await session.selectPublishers(undefined)
    expect(session.relayPath()).toEqual(['origin', 'a', 'b', 'self'])
  })

  it('changes with what a session learns', async () => {
    const { broadcast, connect, publish } = scene()
    const { session } = connect(await publish({ relay: { path: [] } }))
    expect(session.relayPath()).toEqual(['self'])
    session.setRelayPath(['origin'])
    expect(broadcast.relayPath()).toEqual(['origin'])
    expect(session.info().relay).toEqual({ path: ['origin'] })
  })
})

describe('a relay', () => {
  it('that comes back to where its media were is refused', async () => {
    const { broadcast, connect, publish, view } = scene({ maxRelayDepth: 2 })
    await expect(publish({ relay: { path: ['self', 'a'] } })).rejects.toMatchObject({ code: 'relay-loop' })
    await expect(publish({ relay: { path: ['a', 'b', 'c'] } })).rejects.toMatchObject({ code: 'relay-too-deep' })
    connect(await publish({ relay: { path: ['origin', 'a'] } }))
    await expect(view({ relay: { path: ['origin'] } })).rejects.toMatchObject({ code: 'relay-loop' })
    await expect(view({ relay: { path: ['self'] } })).rejects.toMatchObject({ code: 'relay-loop' })
    await view({ relay: { path: ['b'] } })
    expect(broadcast.sessions()).toHaveLength(2)
  })

  it('is refused by the publisher that it takes, and by no other', async () => {
    const { connect, publish, view } = scene()
    connect(await publish({ as: 'camera', relay: { path: ['edge'] } }))
    connect(await publish({ as: 'slides' }))
    await view({ publishers: ['slides'], relay: { path: ['edge'] } })
    const refused = view({ publishers: ['camera'], relay: { path: ['edge'] } })
    await expect(refused).rejects.toMatchObject({ code: 'relay-loop' })
    const nobody = view({ publishers: [''], relay: { path: ['edge'] } })
    await expect(nobody).rejects.toMatchObject({ code: 'request-invalid' })
  })

  it.each([{ path: 'a' }, { path: ['a b'] }, {}, null])('is not described by %j', async (relay) => {
    const { publish, view } = scene()
    for (const join of [publish, view]) {
      await expect(join({ relay: relay as never })).rejects.toMatchObject({ code: 'option-invalid' })
    }
  })

  it('is no viewer for the count, but for the limits', async () => {
    const { broadcast, connect, view } = scene({ limits: { maxViewers: 2 } })
    const { session } = connect(await view({ relay: { path: ['edge'] } }))
    connect(await view())
    expect(broadcast.viewerCount).toBe(1)
    expect(broadcast.viewers).toHaveLength(2)
    expect(session.relay).toEqual({ path: ['edge'] })
    expect(await broadcast.stats()).toMatchObject({ viewers: 1, relays: 1 })
    await expect(view()).rejects.toMatchObject({ code: 'limit-reached' })
  })
})
