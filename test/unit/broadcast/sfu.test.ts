import { describe, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { Sfu } from '../../../src/broadcast/sfu.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

describe('Sfu', () => {
  it('has one broadcast per name', () => {
    const { sfu } = fakeSfu()
    expect(sfu.broadcast('a')).toBe(sfu.broadcast('a'))
    expect(sfu.broadcast('b')).not.toBe(sfu.broadcast('a'))
    expect(sfu.broadcasts().map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('finds a session by its id, in whichever broadcast', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', metadata: { user: 7 } })
    expect(sfu.session(session.id)).toBe(session)
    expect(session.metadata).toEqual({ user: 7 })
    await session.close()
    await session.close()
    expect(sfu.session(session.id)).toBeUndefined()
  })

  it('drops a broadcast that an offer has made with its last session', async () => {
    const { sfu } = fakeSfu()
    const removed: string[] = []
    sfu.on('broadcast-removed', ({ name }) => removed.push(name))
    const first = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const second = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await first.session.close()
    expect(removed).toEqual([])
    await second.session.close()
    expect(removed).toEqual(['a'])
    expect(sfu.broadcasts()).toEqual([])
  })

  it('drops a broadcast that was made for an offer that failed', async () => {
    const { sfu } = fakeSfu()
    await expect(sfu.view('nonsense', { broadcast: 'a' })).rejects.toMatchObject({ code: 'sdp-invalid' })
    expect(sfu.broadcasts()).toEqual([])
    const nameless = sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', as: '' })
    await expect(nameless).rejects.toMatchObject({ code: 'request-invalid' })
    expect(sfu.broadcasts()).toEqual([])
    const unbounded = sfu.publish(PUBLISHER_OFFER, { broadcast: 'a', maxBitrateBps: 0 })
    await expect(unbounded).rejects.toMatchObject({ code: 'option-invalid' })
    expect(sfu.broadcasts()).toEqual([])
  })

  it('keeps a broadcast that the application asked for', async () => {
    const { sfu } = fakeSfu()
    sfu.broadcast('a')
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await session.close()
    expect(sfu.broadcasts()).toHaveLength(1)
  })

  it('serves a name anew while the broadcast that had it ends', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    const closing = session.close()
    const next = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await closing
    expect(next.session.state).toBe('connecting')
  })

  it('bounds how many sessions connect at the same time', async () => {
    const { sfu, engine } = fakeSfu({ maxPendingSessions: 2 })
    const broadcast = sfu.broadcast('a')
    const first = await broadcast.addViewer(VIEWER_OFFER)
    await broadcast.addViewer(VIEWER_OFFER)
    const third = broadcast.addViewer(VIEWER_OFFER)
    await expect(third).rejects.toMatchObject({ code: 'limit-reached', details: { limit: 'maxPendingSessions' } })
    engine.simulateState(first.session.id, 'connected')
    await broadcast.addViewer(VIEWER_OFFER)
  })

  it('bounds how many broadcasts there are', async () => {
    const { sfu } = fakeSfu({ maxBroadcasts: 1 })
    sfu.broadcast('a')
    expect(() => sfu.broadcast('b')).toThrow(expect.objectContaining({ code: 'limit-reached' }))
    await expect(sfu.view(VIEWER_OFFER, { broadcast: 'b' })).rejects.toMatchObject({ code: 'limit-reached' })
  })

  it.each(['', 'a\nb', 'x'.repeat(257)])('refuses the broadcast name %j', (name) => {
    expect(() => fakeSfu().sfu.broadcast(name)).toThrow(expect.objectContaining({ code: 'request-invalid' }))
  })

  it('ends everything when it is closed', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    await Promise.all([sfu.close(), sfu.close()])
    expect(session.closeReason).toBe('sfu-closed')
    expect(() => sfu.broadcast('b')).toThrow(expect.objectContaining({ code: 'closed' }))
    await expect(sfu.view(VIEWER_OFFER, { broadcast: 'a' })).rejects.toMatchObject({ code: 'closed' })
  })

  it('has snapshots that survive JSON', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    engine.simulateState(session.id, 'connected')
    const stats = await sfu.broadcast('a').stats()
    expect(stats).toMatchObject({ name: 'a', live: true, publishers: 1, viewers: 0 })
    expect(stats.sessions[0]).toMatchObject({ id: session.id, broadcast: 'a', role: 'publisher', state: 'connected' })
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats)
    expect(await sfu.stats()).toMatchObject({ broadcasts: 1, sessions: 1 })
  })
})

describe('options', () => {
  it.each([
    [{ workers: -1 }, 'workers'],
    [{ workers: 'many' }, 'workers'],
    [{ udpPort: 70_000 }, 'udpPort'],
    [{ listenIps: ['localhost'] }, 'listenIps'],
    [{ listenIps: [] }, 'listenIps'],
    [{ announceIps: 'example.org' }, 'announceIps'],
    [{ consentTimeoutMs: 1.5 }, 'consentTimeoutMs'],
    [{ publisherPolicy: 'queue' }, 'publisherPolicy'],
    [{ maxPendingSessions: 0 }, 'maxPendingSessions'],
    [{ historyPackets: 32 }, 'historyPackets'],
    [{ historyMs: 50 }, 'historyMs'],
    [{ historyMs: 400, pacingQueueMs: 500 }, 'historyMs'],
    [{ retransmissionShare: 1.1 }, 'retransmissionShare'],
    [{ retransmissionBurstBytes: -1 }, 'retransmissionBurstBytes'],
    [{ pacingQueueMs: 0 }, 'pacingQueueMs'],
    [{ pacingQueueBytes: 1000 }, 'pacingQueueBytes'],
    [{ startEstimateBps: '1 Mbps' }, 'startEstimateBps'],
    [{ minEstimateBps: 9999 }, 'minEstimateBps'],
    [{ maxEstimateBps: Number.POSITIVE_INFINITY }, 'maxEstimateBps'],
    [{ minEstimateBps: 500_000, maxEstimateBps: 400_000 }, 'minEstimateBps'],
    [{ startEstimateBps: 20_000, minEstimateBps: 30_000 }, 'startEstimateBps'],
    [{ startEstimateBps: 2_000_000, maxEstimateBps: 1_000_000 }, 'startEstimateBps'],
    [{ playoutDelay: 200 }, 'playoutDelay'],
    [{ playoutDelay: { minMs: 200 } }, 'playoutDelay.maxMs'],
    [{ playoutDelay: { minMs: 0, maxMs: 40_951 } }, 'playoutDelay.maxMs'],
    [{ playoutDelay: { minMs: -10, maxMs: 0 } }, 'playoutDelay.minMs'],
    [{ playoutDelay: { minMs: 300, maxMs: 200 } }, 'playoutDelay.minMs'],
    [{ absCaptureTime: 1 }, 'absCaptureTime'],
  ])('refuses %j and names the option', (options, option) => {
    expect(() => new Sfu(options as never)).toThrow(
      expect.objectContaining({ code: 'option-invalid', details: { option } }),
    )
    expect(() => new Broadcast(options as never)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
