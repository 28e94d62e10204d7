import { describe, expect, it } from 'vitest'
import type { SignalingContext } from '../../../src/broadcast/signaling-target.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const START = Date.UTC(2026, 0, 1)

describe('a list of sessions', () => {
  it('has those of the Sfu or of a broadcast, oldest first, until they end', async () => {
    const { sfu } = fakeSfu()
    const a = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const b = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'b' })
    const c = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    expect(sfu.sessions()).toEqual([a.session, b.session, c.session])
    expect(sfu.broadcast('a').sessions()).toEqual([a.session, c.session])
    await a.session.close()
    expect(sfu.sessions()).toEqual([b.session, c.session])
    expect(sfu.broadcast('a').sessions()).toEqual([c.session])
  })
})

describe('the info of a session', () => {
  it('says whose it is, from when to when, and survives JSON', async () => {
    const { sfu, engine, clock } = fakeSfu()
    const { session } = await sfu.publish(PUBLISHER_OFFER, {
      broadcast: 'a',
      as: 'slides',
      address: '203.0.113.9',
      roles: ['speaker'],
      metadata: { user: 7 },
      expiresAt: START + 60_000,
    })
    const made = {
      id: session.id,
      role: 'publisher',
      broadcast: 'a',
      as: 'slides',
      state: 'connecting',
      createdAt: START,
      expiresAt: START + 60_000,
      address: '203.0.113.9',
      roles: ['speaker'],
      metadata: { user: 7 },
    }
    expect(session.info()).toEqual(made)
    expect(JSON.parse(JSON.stringify(session.info()))).toEqual(made)
    clock.advance(2000)
    engine.simulateState(session.id, 'connected')
    clock.advance(1000)
    engine.simulateState(session.id, 'disconnected')
    engine.simulateState(session.id, 'connected')
    expect(session.info()).toMatchObject({ state: 'connected', connectedAt: START + 2000 })
    await session.kick('spam')
    expect(session.info()).toMatchObject({ state: 'closed', closeReason: 'kicked', closeMessage: 'spam' })
  })

  it('leaves out what is not known', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    expect(Object.keys(session.info())).toEqual(['id', 'role', 'broadcast', 'state', 'createdAt', 'roles', 'metadata'])
  })

  it('has the metadata that were set last, as they were then', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', metadata: { user: 7 } })
    const metadata: Record<string, unknown> = { user: 8 }
    session.setMetadata(metadata)
    metadata.user = 9
    expect([session.metadata, session.info().metadata]).toEqual([{ user: 8 }, { user: 8 }])
    expect(() => session.setMetadata([] as never)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
    expect(session.metadata).toEqual({ user: 8 })
  })
})

describe('a session that is kicked', () => {
  it('ends with its reason and text', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    engine.simulateState(session.id, 'connected')
    const told: unknown[] = []
    session.on('closed', (...args) => told.push(args))
    sfu.broadcast('a').on('viewer-left', (left, reason) => told.push([left.id, reason, left.closeMessage]))
    await session.kick('your ticket was sold twice')
    await session.kick('again')
    expect(told).toEqual([
      ['kicked', 'your ticket was sold twice'],
      [session.id, 'kicked', 'your ticket was sold twice'],
    ])
    expect(engine.peerIds).toEqual([])
    expect(sfu.sessions()).toEqual([])
  })

  it('needs no text', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await session.kick()
    expect([session.closeReason, session.closeMessage]).toEqual(['kicked', undefined])
  })

  it.each(['a\nb', 'x'.repeat(257), 7])('refuses the text %j and goes on', async (message) => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await expect(session.kick(message as never)).rejects.toMatchObject({ code: 'option-invalid' })
    expect(session.state).toBe('connecting')
  })
})

describe('a session that expires', () => {
  it('ends at its time, connected or not', async () => {
    const { sfu, engine, clock } = fakeSfu()
    const expiresAt = START + 60_000
    const waiting = await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt })
    const watching = await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt })
    const without = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    engine.simulateState(watching.session.id, 'connected')
    clock.advance(59_999)
    expect(sfu.sessions()).toHaveLength(3)
    clock.advance(1)
    await Promise.resolve()
    expect([waiting.session.closeReason, watching.session.closeReason]).toEqual(['expired', 'expired'])
    expect(sfu.sessions()).toEqual([without.session])
  })

  it('ends at another time when the application says so', async () => {
    const { sfu, clock } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt: START + 1000 })
    session.expireAt(new Date(START + 5000))
    expect(session.expiresAt).toBe(START + 5000)
    clock.advance(4000)
    session.expireAt(undefined)
    clock.advance(60_000)
    expect([session.state, session.expiresAt]).toEqual(['connecting', undefined])
    session.expireAt(START)
    clock.advance(1)
    await Promise.resolve()
    expect(session.closeReason).toBe('expired')
    session.expireAt(START + 1_000_000)
    expect(clock.pending).toBe(0)
  })

  it('leaves no timer behind when it ends before', async () => {
    const { sfu, clock } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt: START + 60_000 })
    await session.close()
    expect(clock.pending).toBe(0)
    await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt: START + 60_000 })
    await sfu.close()
    expect(clock.pending).toBe(0)
  })

  it('is far away for who is let in for ever', async () => {
    const { sfu, clock } = fakeSfu()
    const expiresAt = Date.UTC(2126, 0, 1)
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', expiresAt })
    clock.advance(90 * 86_400_000)
    expect(session.state).toBe('connecting')
  })
})

it.each([
  [{ address: 'localhost' }, 'address'],
  [{ roles: [7] }, 'roles'],
  [{ metadata: 'me' }, 'metadata'],
  [{ metadata: ['me'] }, 'metadata'],
  [{ expiresAt: Number.NaN }, 'expiresAt'],
  [{ expiresAt: new Date('never') }, 'expiresAt'],
  [{ expiresAt: -1 }, 'expiresAt'],
])('refuses the context %j, and keeps nothing', async (context, option) => {
  const { sfu, engine } = fakeSfu()
  const refused = sfu.view(VIEWER_OFFER, { broadcast: 'a', ...(context as SignalingContext) })
  await expect(refused).rejects.toMatchObject({ code: 'option-invalid', details: { option } })
  expect([sfu.sessions(), sfu.broadcasts(), engine.peerIds]).toEqual([[], [], []])
})
