/** An Sfu that goes down: who is asked to go when, who is taken, and when it is over. */
import { describe, expect, it } from 'vitest'
import type { Session } from '../../../src/broadcast/session.js'
import { LocalTrack } from '../../../src/sources/local-track.js'
import { LocalTracks } from '../../../src/sources/local-tracks.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

/** A broadcast with a publisher and so many viewers; when each of them is asked to go, in milliseconds of the clock. */
async function crowd(count: number) {
  const { sfu, clock, engine } = fakeSfu()
  const asked = new Map<Session, number>()
  const add = async (role: 'publish' | 'view') => {
    const { session } = await sfu[role](role === 'publish' ? PUBLISHER_OFFER : VIEWER_OFFER, { broadcast: 'a' })
    engine.simulateState(session.id, 'connected')
    session.on('reconnect', () => asked.set(session, clock.nowMs()))
    return session
  }
  const publisher = await add('publish')
  const viewers: Session[] = []
  for (let i = 0; i < count; i++) viewers.push(await add('view'))
  return { sfu, clock, engine, asked, publisher, viewers }
}

/** Lets what was closed on virtual time be closed. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('drain', () => {
  it('asks every viewer at a moment of its own, fifty a second, and publishers last', async () => {
    const { sfu, clock, asked, publisher, viewers } = await crowd(200)
    void sfu.drain({ deadlineMs: 30_000 })
    clock.advance(10_000)
    expect(viewers.map((session) => asked.get(session))).toEqual(viewers.map((_, index) => Math.max(1, index * 20)))
    expect(asked.get(publisher)).toBe(6000)
    expect(sfu.sessions()).toHaveLength(201)
    await sfu.close()
  })

  it('asks faster where there is less time', async () => {
    const { sfu, clock, asked, viewers } = await crowd(200)
    void sfu.drain({ deadlineMs: 1000 })
    clock.advance(650)
    expect(asked.size).toBe(201)
    expect(asked.get(viewers[100] as Session)).toBe(250)
    await sfu.close()
  })

  it('closes at their moments those that nobody can ask', async () => {
    const { sfu, clock, asked } = await crowd(3)
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    void sfu.drain({ deadlineMs: 30_000 })
    clock.advance(59)
    expect([session.state, asked.size]).toEqual(['connecting', 3])
    clock.advance(1)
    await settle()
    expect([session.state, session.closeReason]).toEqual(['closed', 'draining'])
    await sfu.close()
  })

  it('resolves when the last one has gone', async () => {
    const { sfu, clock, engine, publisher, viewers } = await crowd(2)
    let isDone = false
    const done = sfu.drain().then(() => {
      isDone = true
    })
    clock.advance(1000)
    for (const { id } of viewers) engine.simulateEnd(id, 'closed')
    await settle()
    expect(isDone).toBe(false)
    // Nobody is left who would miss it.
    expect(publisher.isAskedToReconnect).toBe(true)
    engine.simulateEnd(publisher.id, 'closed')
    await done
    expect(clock.nowMs()).toBe(1000)
  })

  it('closes in its last quarter those that have not gone, one after the other, and resolves at the deadline', async () => {
    const { sfu, clock, viewers, publisher } = await crowd(4)
    const done = sfu.drain({ deadlineMs: 8000 })
    const left: number[] = []
    for (const atMs of [5999, 6000, 6500, 7000, 7500]) {
      clock.advanceTo(atMs)
      await settle()
      left.push(viewers.filter(({ state }) => state !== 'closed').length)
    }
    expect(left).toEqual([4, 3, 2, 1, 0])
    expect(publisher.state).toBe('connected')
    clock.advanceTo(8000)
    await done
    expect([...viewers, publisher].map(({ closeReason }) => closeReason)).toEqual(Array(5).fill('draining'))
  })

  it('takes nobody meanwhile, but for other servers', async () => {
    const { sfu } = await crowd(1)
    const events: string[] = []
    sfu.on('draining', () => events.push('draining'))
    expect(sfu.draining).toBe(false)
    void sfu.drain()
    void sfu.drain()
    expect([sfu.draining, events]).toEqual([true, ['draining']])
    await expect(sfu.view(VIEWER_OFFER, { broadcast: 'a' })).rejects.toMatchObject({ code: 'draining' })
    await expect(sfu.publish(PUBLISHER_OFFER, { broadcast: 'b' })).rejects.toMatchObject({
      code: 'draining',
      httpStatus: 503,
    })
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', essential: true })
    expect(session.state).toBe('connecting')
    await sfu.close()
  })

  it('does not wait for what the application brings in, nor end it', async () => {
    const { sfu } = fakeSfu()
    const session = await sfu.broadcast('a').addSource(new LocalTracks([new LocalTrack({ codec: 'opus' })]))
    await sfu.drain()
    expect(session.state).toBe('connected')
    await sfu.close()
  })

  it('is over when the Sfu is closed meanwhile, and leaves no timer behind', async () => {
    const { sfu, clock } = await crowd(3)
    const done = sfu.drain()
    await sfu.close()
    await done
    expect(clock.pending).toBe(0)
  })

  it('refuses times that are none', async () => {
    const { sfu } = fakeSfu()
    await expect(sfu.drain({ deadlineMs: -1 })).rejects.toMatchObject({ code: 'option-invalid' })
    expect(sfu.draining).toBe(false)
  })
})

describe('a session that is asked to reconnect', () => {
  it('tells so once to each who listens, also to who comes later', async () => {
    const { sfu, viewers } = await crowd(1)
    const [session] = viewers as [Session]
    const told: string[] = []
    session.subscribe(({ type }) => told.push(type))
    session.askToReconnect()
    session.askToReconnect()
    session.subscribe(({ type }) => told.push(`later ${type}`))
    expect(told.filter((type) => type.endsWith('reconnect'))).toEqual(['reconnect', 'later reconnect'])
    expect(session.isAskedToReconnect).toBe(true)
    await sfu.close()
  })
})
