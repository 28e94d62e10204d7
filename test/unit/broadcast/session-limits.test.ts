import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { Session } from '../../../src/broadcast/session.js'
import { Sfu } from '../../../src/broadcast/sfu.js'
import type { SignalingContext } from '../../../src/broadcast/signaling-target.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const HERE = '203.0.113.9'
const THERE = '198.51.100.1'

function limitReached(limit: string) {
  return { code: 'limit-reached', details: { limit } }
}

describe('limits of a broadcast', () => {
  it('bound its viewers, whether they are connected or not, until one goes', async () => {
    const { sfu, engine } = fakeSfu({ limits: { maxViewers: 2 } })
    const view = () => sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const first = await view()
    await view()
    engine.simulateState(first.session.id, 'connected')
    await expect(view()).rejects.toMatchObject(limitReached('limits.maxViewers'))
    await sfu.view(VIEWER_OFFER, { broadcast: 'b' })
    await first.session.close()
    await view()
    await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
  })

  it('bound its publishers by their names: one that replaces another always may', async () => {
    const { sfu } = fakeSfu({ limits: { maxPublishers: 2 } })
    const publish = (as: string) => sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as })
    const first = await publish('camera')
    await publish('slides')
    const again = await publish('camera')
    await expect(publish('third')).rejects.toMatchObject(limitReached('limits.maxPublishers'))
    await first.session.close()
    await expect(publish('third')).rejects.toMatchObject(limitReached('limits.maxPublishers'))
    await again.session.close()
    await publish('third')
  })

  it('are 64 publishers by default', async () => {
    const { sfu } = fakeSfu()
    for (let i = 0; i < 64; i++) await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: `p${i}` })
    const one = sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: 'one more' })
    await expect(one).rejects.toMatchObject(limitReached('limits.maxPublishers'))
  })

  it('bound how many connect at the same time', async () => {
    const { sfu, engine } = fakeSfu({ limits: { maxPendingSessions: 1 } })
    const first = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const second = () => sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    await expect(second()).rejects.toMatchObject(limitReached('limits.maxPendingSessions'))
    engine.simulateState(first.session.id, 'connected')
    engine.simulateState(first.session.id, 'disconnected')
    engine.simulateState(first.session.id, 'connected')
    const next = await second()
    engine.simulateEnd(next.session.id, 'connect-timeout')
    await second()
  })

  it('bound how fast they come, and say when to come again', async () => {
    const { sfu, clock } = fakeSfu({ limits: { maxJoinsPerSecond: 2 } })
    const view = async () => {
      const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
      await session.close()
    }
    for (let i = 0; i < 10; i++) await view()
    const details = { limit: 'limits.maxJoinsPerSecond', retryAfterMs: 500 }
    await expect(view()).rejects.toMatchObject({ code: 'rate-limited', details })
    clock.advance(400)
    await expect(view()).rejects.toMatchObject({ code: 'rate-limited' })
    clock.advance(100)
    await view()
    await expect(view()).rejects.toMatchObject({ code: 'rate-limited' })
    await sfu.broadcast('b').addViewer(VIEWER_OFFER)
  })

  it('can be others for one broadcast than for the rest', async () => {
    const { sfu } = fakeSfu({ limits: { maxViewers: 1, maxPublishers: 1 } })
    const broadcast = sfu.broadcast('a', { limits: { maxViewers: 2 } })
    await broadcast.addViewer(VIEWER_OFFER)
    await broadcast.addViewer(VIEWER_OFFER)
    await expect(broadcast.addViewer(VIEWER_OFFER)).rejects.toMatchObject(limitReached('limits.maxViewers'))
    await broadcast.addPublisher(PUBLISHER_OFFER, { as: 'x' })
    const more = broadcast.addPublisher(PUBLISHER_OFFER, { as: 'y' })
    await expect(more).rejects.toMatchObject(limitReached('limits.maxPublishers'))
  })

  it('can be none at all', async () => {
    const { sfu } = fakeSfu({ limits: { maxPublishers: 0 } })
    const offer = sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    await expect(offer).rejects.toMatchObject(limitReached('limits.maxPublishers'))
    expect(sfu.broadcasts()).toEqual([])
  })
})

describe('limits of an address', () => {
  const view = (sfu: Sfu, address: string, broadcast = 'a') => sfu.view(VIEWER_OFFER, { broadcast, address })

  it('bound its viewers over all broadcasts', async () => {
    const { sfu } = fakeSfu({ addressLimits: { maxViewers: 2 } })
    const first = await view(sfu, HERE, 'a')
    await view(sfu, HERE, 'b')
    await expect(view(sfu, HERE, 'c')).rejects.toMatchObject(limitReached('addressLimits.maxViewers'))
    await view(sfu, THERE, 'c')
    await first.session.close()
    await view(sfu, HERE, 'c')
  })

  it('bound its publishers, of which those that replace each other count as one', async () => {
    const { sfu } = fakeSfu({ addressLimits: { maxPublishers: 2 } })
    const publish = (broadcast: string, address = HERE) => sfu.publish(PUBLISHER_OFFER, { broadcast, address })
    await publish('a')
    await publish('b')
    await publish('b')
    await expect(publish('c')).rejects.toMatchObject(limitReached('addressLimits.maxPublishers'))
    await publish('c', THERE)
  })

  it('leave room for others to connect: 250 of the 1000 by default', async () => {
    const { sfu, clock } = fakeSfu({ addressLimits: { maxJoinsPerSecond: 1000 } })
    for (let i = 0; i < 250; i++) await view(sfu, HERE)
    await expect(view(sfu, HERE)).rejects.toMatchObject(limitReached('addressLimits.maxPendingSessions'))
    await view(sfu, THERE)
    clock.advance(1000)
    await expect(view(sfu, HERE)).rejects.toMatchObject(limitReached('addressLimits.maxPendingSessions'))
  })

  it('bound how fast it comes: 50 a second by default, 250 at once', async () => {
    const { sfu, clock } = fakeSfu()
    const come = async (address: string) => {
      const { session } = await view(sfu, address)
      await session.close()
    }
    for (let i = 0; i < 250; i++) await come(HERE)
    const details = { limit: 'addressLimits.maxJoinsPerSecond', retryAfterMs: 20 }
    await expect(come(HERE)).rejects.toMatchObject({ code: 'rate-limited', details })
    await come(THERE)
    clock.advance(20)
    await come(HERE)
    await expect(come(HERE)).rejects.toMatchObject({ code: 'rate-limited' })
  })

  it('count offers that fail, too', async () => {
    const { sfu } = fakeSfu({ addressLimits: { maxJoinsPerSecond: 0.2 } })
    await expect(sfu.view('nonsense', { broadcast: 'a', address: HERE })).rejects.toMatchObject({ code: 'sdp-invalid' })
    await expect(view(sfu, HERE)).rejects.toMatchObject({ code: 'rate-limited', details: { retryAfterMs: 5000 } })
  })

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', undefined])('do not count for %s', async (address) => {
    const { sfu } = fakeSfu({ addressLimits: { maxViewers: 1, maxJoinsPerSecond: 0.2 } })
    const context: SignalingContext = { broadcast: 'a', ...(address === undefined ? {} : { address }) }
    for (let i = 0; i < 5; i++) await sfu.view(VIEWER_OFFER, context)
  })
})

describe('the number of viewers that a grant allows', () => {
  it('counts at the door for a viewer', async () => {
    const { sfu } = fakeSfu()
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await sfu.view(VIEWER_OFFER, { broadcast: 'a', maxViewers: 2 })
    const third = sfu.view(VIEWER_OFFER, { broadcast: 'a', maxViewers: 2 })
    await expect(third).rejects.toMatchObject(limitReached('maxViewers'))
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
  })

  it('counts for everybody while the publisher that has it is there', async () => {
    const { sfu } = fakeSfu()
    const small = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: 'small', maxViewers: 1 })
    await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: 'large', maxViewers: 2 })
    const view = () => sfu.view(VIEWER_OFFER, { broadcast: 'a', maxViewers: 9 })
    await view()
    await expect(view()).rejects.toMatchObject(limitReached('maxViewers'))
    await small.session.close()
    await view()
    await expect(view()).rejects.toMatchObject(limitReached('maxViewers'))
  })

  it.each([-1, 1.5, '7'])('is not %j', async (maxViewers) => {
    const { sfu } = fakeSfu()
    const refused = sfu.view(VIEWER_OFFER, { broadcast: 'a', maxViewers: maxViewers as never })
    await expect(refused).rejects.toMatchObject({ code: 'option-invalid', details: { option: 'maxViewers' } })
  })
})

it('never lets in more than the limits say, and forgets all who have gone', async () => {
  const limits = { maxPublishers: 2, maxViewers: 4, maxPendingSessions: 3 }
  const addressLimits = { maxPublishers: 3, maxViewers: 3, maxPendingSessions: 2 }
  const step = fc.oneof(
    fc.record({
      do: fc.constant('join' as const),
      role: fc.constantFrom('publisher' as const, 'viewer' as const),
      broadcast: fc.constantFrom('a', 'b'),
      as: fc.constantFrom('x', 'y', 'z'),
      address: fc.constantFrom(HERE, THERE),
    }),
    fc.record({ do: fc.constantFrom('connect' as const, 'disconnect' as const, 'end' as const), which: fc.nat(20) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { sfu, engine } = fakeSfu({ limits, addressLimits })
      const check = (sessions: readonly Session[], bounds: typeof limits, publishers: (session: Session) => string) => {
        const names = sessions.filter(({ role }) => role === 'publisher').map(publishers)
        expect(new Set(names).size).toBeLessThanOrEqual(bounds.maxPublishers)
        expect(sessions.filter(({ role }) => role === 'viewer').length).toBeLessThanOrEqual(bounds.maxViewers)
        const pending = sessions.filter(({ state }) => state === 'connecting')
        expect(pending.length).toBeLessThanOrEqual(bounds.maxPendingSessions)
      }
      for (const one of steps) {
        const sessions = sfu.sessions()
        if (one.do === 'join') {
          const { role, ...context } = one
          const joined = role === 'publisher' ? sfu.publish(PUBLISHER_OFFER, context) : sfu.view(VIEWER_OFFER, context)
          await joined.catch((error: unknown) => expect(error).toMatchObject({ code: 'limit-reached' }))
        } else {
          const session = sessions[one.which % Math.max(1, sessions.length)]
          if (session === undefined) continue
          if (one.do === 'end') engine.simulateEnd(session.id, 'peer-closed')
          else engine.simulateState(session.id, one.do === 'connect' ? 'connected' : 'disconnected')
        }
        for (const broadcast of sfu.broadcasts()) check(broadcast.sessions(), limits, ({ as }) => as ?? '')
        for (const address of [HERE, THERE]) {
          const own = sfu.sessions().filter((session) => session.address === address)
          check(own, addressLimits, (session) => `${session.broadcast} ${session.as}`)
        }
      }
      await Promise.all(sfu.sessions().map((session) => session.close()))
      for (let i = 0; i < addressLimits.maxPendingSessions; i++) {
        for (const address of [HERE, THERE]) await sfu.view(VIEWER_OFFER, { broadcast: `fresh-${i}`, address })
      }
    }),
    { numRuns: 60 },
  )
})

it.each([
  [{ limits: 5 }, 'limits'],
  [{ limits: { maxViewers: -1 } }, 'limits.maxViewers'],
  [{ limits: { maxPublishers: 1.5 } }, 'limits.maxPublishers'],
  [{ limits: { maxJoinsPerSecond: 0 } }, 'limits.maxJoinsPerSecond'],
  [{ limits: { maxPendingSessions: Number.NaN } }, 'limits.maxPendingSessions'],
  [{ addressLimits: null }, 'addressLimits'],
  [{ addressLimits: { maxViewers: '9' } }, 'addressLimits.maxViewers'],
])('refuses %j and names the option', (options, option) => {
  const refusal = expect.objectContaining({ code: 'option-invalid', details: { option } })
  expect(() => new Sfu(options as never)).toThrow(refusal)
  expect(() => new Broadcast(options as never)).toThrow(refusal)
})
