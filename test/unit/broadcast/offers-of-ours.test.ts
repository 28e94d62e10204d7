import { describe, expect, it } from 'vitest'
import type { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { Session } from '../../../src/broadcast/session.js'
import { fakeSfu } from '../../support/fake-sfu.js'

/** What another server answers to `offer`. */
async function answerOf(role: 'publisher' | 'viewer', sdp: string): Promise<string> {
  const other = fakeSfu().sfu.broadcast('there')
  return (await (role === 'publisher' ? other.addViewer(sdp) : other.addPublisher(sdp))).sdp
}

const offerOf = (role: 'publisher' | 'viewer', broadcast: Broadcast, context = {}) =>
  role === 'publisher' ? broadcast.offerPublisher(context) : broadcast.offerViewer(context)

describe.each(['publisher', 'viewer'] as const)('an offer for a %s', (role) => {
  it('comes with a session, which is opened by its answer and then like any other', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events: string[] = []
    for (const name of ['session-opened', 'session-closed', `${role}-joined`, `${role}-left`] as const) {
      broadcast.on(name, (...[session]: [Session, ...unknown[]]) => void events.push(`${name} ${session.role}`))
    }
    const offer = await offerOf(role, broadcast, { metadata: { to: 'edge' } })
    expect(offer).toMatchObject({ type: 'offer', session: { role, state: 'connecting', metadata: { to: 'edge' } } })
    expect(broadcast.sessions()).toEqual([offer.session])
    expect(events).toEqual([])
    const sdp = await answerOf(role, offer.sdp)
    expect(await offer.accept({ type: 'answer', sdp })).toBeUndefined()
    expect(events).toEqual([`session-opened ${role}`])
    engine.simulateState(offer.session.id, 'connected')
    expect(broadcast[`${role}s`]).toEqual([offer.session])
    await offer.session.close()
    expect(events).toEqual([
      `session-opened ${role}`,
      `${role}-joined ${role}`,
      `${role}-left ${role}`,
      `session-closed ${role}`,
    ])
  })

  it('waits for a better answer than a bad one, and takes one', async () => {
    const broadcast = fakeSfu().sfu.broadcast('a')
    const offer = await offerOf(role, broadcast)
    const sdp = await answerOf(role, offer.sdp)
    for (const strange of [undefined, { type: 'offer', sdp }, { type: 'answer' }]) {
      await expect(offer.accept(strange as never)).rejects.toMatchObject({ code: 'request-invalid' })
    }
    await expect(offer.accept('v=1')).rejects.toMatchObject({ code: 'sdp-invalid' })
    expect(offer.session.state).toBe('connecting')
    await offer.accept(sdp)
    await expect(offer.accept(sdp)).rejects.toMatchObject({ code: 'request-invalid' })
  })

  it('that is never answered was never opened', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events: string[] = []
    broadcast.on('session-opened', () => events.push('opened'))
    broadcast.on('session-closed', () => events.push('closed'))
    const offer = await offerOf(role, broadcast)
    engine.simulateEnd(offer.session.id, 'connect-timeout')
    expect(offer.session).toMatchObject({ state: 'closed', closeReason: 'connect-timeout' })
    expect([broadcast.sessions(), events]).toEqual([[], []])
    await expect(offer.accept('v=0')).rejects.toMatchObject({ code: 'session-not-found' })
  })

  it('counts towards the limits, and is refused by them', async () => {
    const { sfu } = fakeSfu({ limits: { maxPublishers: 1, maxViewers: 1 } })
    const broadcast = sfu.broadcast('a')
    await offerOf(role, broadcast, { as: 'one' })
    await expect(offerOf(role, broadcast, { as: 'two' })).rejects.toMatchObject({ code: 'limit-reached' })
    await broadcast.close()
    await expect(offerOf(role, broadcast)).rejects.toMatchObject({ code: 'closed' })
  })

  it.each([{ layers: 0 }, { layers: 9 }, { layers: 1.5 }, { layers: '3' }, { maxBitrateBps: 1 }])(
    'is not made with %o',
    async (context) => {
      const broadcast = fakeSfu().sfu.broadcast('a')
      await expect(offerOf(role, broadcast, context)).rejects.toMatchObject({ code: 'option-invalid' })
      expect(broadcast.sessions()).toEqual([])
    },
  )
})

it('layers and a cap of the bitrate are said in the offer to receive', async () => {
  const { sdp } = await fakeSfu().sfu.broadcast('a').offerPublisher({ layers: 3, maxBitrateBps: 900_000 })
  expect(sdp).toContain('a=simulcast:recv 0;1;2\r\n')
  expect(sdp).toContain('b=TIAS:900000\r\n')
})

it('a publisher that was pulled is replaced by a newer one of its name, and kept where the policy says so', async () => {
  const { sfu, engine } = fakeSfu({ publisherPolicy: 'reject' })
  const kept = await sfu.broadcast('kept').offerPublisher()
  await expect(sfu.broadcast('kept').offerPublisher()).rejects.toMatchObject({ code: 'publisher-exists' })
  expect(kept.session.state).toBe('connecting')
  const broadcast = sfu.broadcast('replaced', { publisherPolicy: 'replace' })
  const first = await broadcast.offerPublisher()
  const second = await broadcast.offerPublisher()
  for (const { session } of [first, second]) engine.simulateState(session.id, 'connected')
  expect(first.session.closeReason).toBe('replaced')
  expect(broadcast.publishers).toEqual([second.session])
})

it('a viewer that has not answered yet is told what to want', async () => {
  const { sfu, engine } = fakeSfu()
  const { session } = await sfu.broadcast('a').offerViewer({ paused: { audio: true } })
  await session.pause('video')
  expect(engine.viewerSettings.get(session.id)).toEqual({ paused: { video: true } })
})
