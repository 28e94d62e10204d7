import { describe, expect, it } from 'vitest'
import type { Session } from '../../../src/broadcast/session.js'
import type { SfuOptions } from '../../../src/broadcast/sfu-options.js'
import type { SignalingContext } from '../../../src/broadcast/signaling-target.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const MEGABIT = 1_000_000

/** Publishers that send at a given rate, on virtual time. */
function scene(options: SfuOptions) {
  const { sfu, engine, clock } = fakeSfu(options)
  const rates = new Map<Session, number>()
  return {
    sfu,
    clock,
    async publish(bps: number, context: SignalingContext = {}) {
      const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: `p${rates.size}`, ...context })
      engine.simulateState(session.id, 'connected')
      rates.set(session, bps)
      return session
    },
    send: (session: Session, bps: number) => rates.set(session, bps),
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        for (const [{ id }, bps] of rates) engine.simulateRtp(id, bps / 8)
        clock.advance(1000)
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
    },
  }
}

describe('what publishers send', () => {
  it('is not measured where nothing limits it', async () => {
    const { clock, publish, pass } = scene({ publisherMaxBitrateBps: MEGABIT })
    const session = await publish(100 * MEGABIT)
    await pass(60)
    expect([session.state, clock.pending]).toEqual(['connected', 0])
  })

  it('ends the one that came last where a broadcast gets too much of it', async () => {
    const { sfu, publish, pass } = scene({ limits: { maxPublishedBps: 3 * MEGABIT } })
    const first = await publish(2 * MEGABIT)
    const elsewhere = await publish(2.9 * MEGABIT, { broadcast: 'b' })
    await pass(60)
    const second = await publish(2 * MEGABIT)
    const reasons: unknown[] = []
    sfu.broadcast('a').on('publisher-left', (_session, reason) => reasons.push(reason))
    await pass(5)
    expect(second.state).toBe('connected')
    await pass(10)
    expect(reasons).toEqual(['limit-exceeded'])
    expect(second.closeMessage).toBe('it sends more than limits.maxPublishedBps')
    await pass(60)
    expect([first.state, elsewhere.state]).toEqual(['connected', 'connected'])
  })

  it('may exceed the limit for a moment', async () => {
    const { publish, send, pass } = scene({ limits: { maxPublishedBps: 3 * MEGABIT } })
    const session = await publish(MEGABIT)
    for (let i = 0; i < 5; i++) {
      send(session, 10 * MEGABIT)
      await pass(5)
      send(session, MEGABIT)
      await pass(5)
    }
    expect(session.state).toBe('connected')
  })

  it('ends one after the other until the rest fits', async () => {
    const { publish, pass } = scene({ limits: { maxPublishedBps: 3 * MEGABIT } })
    const sessions = [await publish(2 * MEGABIT), await publish(2 * MEGABIT), await publish(2 * MEGABIT)]
    await pass(15)
    expect(sessions.map(({ state }) => state)).toEqual(['connected', 'connected', 'closed'])
    await pass(15)
    expect(sessions.map(({ state }) => state)).toEqual(['connected', 'closed', 'closed'])
  })

  it('is summed up over all broadcasts for an address', async () => {
    const { publish, pass } = scene({ addressLimits: { maxPublishedBps: 3 * MEGABIT } })
    const here = { address: '2001:db8::1' }
    const first = await publish(2 * MEGABIT, { ...here, broadcast: 'a' })
    const there = await publish(2 * MEGABIT, { address: '203.0.113.9', broadcast: 'b' })
    const second = await publish(2 * MEGABIT, { address: '2001:db8::2', broadcast: 'c' })
    const local = await publish(9 * MEGABIT, { address: '127.0.0.1', broadcast: 'd' })
    await pass(30)
    expect([first, there, second, local].map(({ state }) => state)).toEqual([
      'connected',
      'connected',
      'closed',
      'connected',
    ])
  })

  it.each([true, false])('is held against what it was asked for only by option: %s', async (enforce) => {
    const { publish, pass } = scene({ enforcePublisherBitrate: enforce, publisherMaxBitrateBps: 2 * MEGABIT })
    const fits = await publish(2.4 * MEGABIT)
    const does = await publish(2.6 * MEGABIT)
    const may = await publish(2.6 * MEGABIT, { maxBitrateBps: 3 * MEGABIT })
    await pass(20)
    expect([fits, does, may].map(({ closeReason }) => closeReason)).toEqual([
      undefined,
      enforce ? 'limit-exceeded' : undefined,
      undefined,
    ])
  })

  it('leaves no timer behind', async () => {
    const { sfu, clock, publish, pass } = scene({ limits: { maxPublishedBps: 3 * MEGABIT } })
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    expect(clock.pending).toBe(0)
    const session = await publish(MEGABIT)
    await pass(7)
    expect(clock.pending).toBe(1)
    await session.close()
    await pass(5)
    expect(clock.pending).toBe(0)
  })
})
