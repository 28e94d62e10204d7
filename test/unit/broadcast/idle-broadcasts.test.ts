import { describe, expect, it } from 'vitest'
import { Sfu } from '../../../src/broadcast/sfu.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function names(sfu: Sfu): string[] {
  return sfu.broadcasts().map(({ name }) => name)
}

describe('a broadcast that nobody publishes to', () => {
  it('stays for ever, unless told otherwise', () => {
    const { sfu, clock } = fakeSfu()
    sfu.broadcast('a')
    clock.advance(30 * 86_400_000)
    expect(names(sfu)).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('is closed after its timeout, with the viewers that wait', async () => {
    const { sfu, engine, clock } = fakeSfu({ idleTimeoutMs: 60_000 })
    const removed: string[] = []
    sfu.on('broadcast-removed', ({ name }) => removed.push(name))
    sfu.broadcast('asked-for')
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'waited-for' })
    engine.simulateState(session.id, 'connected')
    clock.advance(59_999)
    expect(removed).toEqual([])
    clock.advance(1)
    await settled()
    expect(removed).toEqual(['asked-for', 'waited-for'])
    expect(session.closeReason).toBe('broadcast-closed')
    expect([names(sfu), clock.pending]).toEqual([[], 0])
  })

  it('is one again from when its last publisher has gone', async () => {
    const { sfu, engine, clock } = fakeSfu({ idleTimeoutMs: 60_000 })
    const broadcast = sfu.broadcast('a')
    clock.advance(50_000)
    const first = await broadcast.addPublisher(PUBLISHER_OFFER, { as: 'x' })
    const second = await broadcast.addPublisher(PUBLISHER_OFFER, { as: 'y' })
    engine.simulateState(first.session.id, 'connected')
    clock.advance(3_600_000)
    await first.session.close()
    clock.advance(3_600_000)
    expect(names(sfu)).toEqual(['a'])
    await second.session.close()
    clock.advance(30_000)
    const third = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateEnd(third.session.id, 'connect-timeout')
    clock.advance(59_999)
    expect(names(sfu)).toEqual(['a'])
    clock.advance(1)
    await settled()
    expect(names(sfu)).toEqual([])
  })

  it('can have a timeout of its own, or none', async () => {
    const { sfu, clock } = fakeSfu({ idleTimeoutMs: 60_000 })
    sfu.broadcast('kept', { idleTimeoutMs: 0 })
    sfu.broadcast('short', { idleTimeoutMs: 1000 })
    clock.advance(1000)
    await settled()
    expect(names(sfu)).toEqual(['kept'])
    clock.advance(3_600_000)
    await settled()
    expect(names(sfu)).toEqual(['kept'])
  })
})

describe('broadcasts that offers make', () => {
  it('are bounded, and leave those that the application makes alone', async () => {
    const { sfu } = fakeSfu({ maxEphemeralBroadcasts: 2 })
    const view = (broadcast: string) => sfu.view(VIEWER_OFFER, { broadcast })
    const first = await view('a')
    await view('b')
    const refusal = { code: 'limit-reached', details: { limit: 'maxEphemeralBroadcasts' } }
    await expect(view('c')).rejects.toMatchObject(refusal)
    await view('a')
    sfu.broadcast('c')
    await view('c')
    sfu.broadcast('b')
    await view('d')
    await expect(view('e')).rejects.toMatchObject(refusal)
    for (const session of sfu.broadcast('a').sessions()) await session.close()
    expect(first.session.state).toBe('closed')
    sfu.broadcast('a')
    await sfu.broadcast('d').close()
    await view('e')
  })

  it('can be forbidden', async () => {
    const { sfu } = fakeSfu({ maxEphemeralBroadcasts: 0 })
    await expect(sfu.view(VIEWER_OFFER, { broadcast: 'a' })).rejects.toMatchObject({ code: 'limit-reached' })
    sfu.broadcast('a')
    await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
  })
})

it.each([
  [{ idleTimeoutMs: -1 }, 'idleTimeoutMs'],
  [{ idleTimeoutMs: 31 * 86_400_000 }, 'idleTimeoutMs'],
  [{ maxEphemeralBroadcasts: 1.5 }, 'maxEphemeralBroadcasts'],
])('refuses %j', (options, option) => {
  expect(() => new Sfu(options)).toThrow(expect.objectContaining({ code: 'option-invalid', details: { option } }))
})
