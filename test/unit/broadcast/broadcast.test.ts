import { describe, expect, it } from 'vitest'
import type { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { BroadcastOptions } from '../../../src/broadcast/sfu-options.js'
import type { LayerEvent } from '../../../src/engine/types.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

function record(broadcast: Broadcast): string[] {
  const events: string[] = []
  broadcast.on('publisher-joined', (session) => events.push(`publisher-joined ${session.role}`))
  broadcast.on('publisher-left', (_session, reason) => events.push(`publisher-left ${reason}`))
  broadcast.on('viewer-joined', () => events.push('viewer-joined'))
  broadcast.on('viewer-left', (_session, reason) => events.push(`viewer-left ${reason}`))
  broadcast.on('live', () => events.push('live'))
  broadcast.on('idle', () => events.push('idle'))
  broadcast.on('closed', () => events.push('closed'))
  return events
}

describe('Broadcast', () => {
  it('returns an answer that setRemoteDescription takes, and the session', async () => {
    const { sfu } = fakeSfu()
    const answer = await sfu.broadcast('a').addPublisher({ type: 'offer', sdp: PUBLISHER_OFFER })
    expect(answer.type).toBe('answer')
    expect(answer.sdp).toContain('a=recvonly')
    expect(answer.session).toMatchObject({ role: 'publisher', state: 'connecting', broadcast: 'a' })
    expect(Buffer.from(answer.session.id, 'base64url')).toHaveLength(16)
    expect(JSON.parse(JSON.stringify(answer.session))).toEqual({
      id: answer.session.id,
      role: 'publisher',
      broadcast: 'a',
      state: 'connecting',
    })
  })

  it('tells who joined and left, live and idle, in order', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events = record(broadcast)
    const viewer = await broadcast.addViewer(VIEWER_OFFER)
    engine.simulateState(viewer.session.id, 'connected')
    const publisher = await broadcast.addPublisher(PUBLISHER_OFFER)
    expect(broadcast.live).toBe(false)
    engine.simulateState(publisher.session.id, 'connected')
    expect(broadcast.live).toBe(true)
    engine.simulateState(publisher.session.id, 'disconnected')
    engine.simulateState(publisher.session.id, 'connected')
    engine.simulateEnd(publisher.session.id, 'peer-closed')
    await viewer.session.close()
    expect(events).toEqual([
      'viewer-joined',
      'publisher-joined publisher',
      'live',
      'publisher-left peer-closed',
      'idle',
      'viewer-left closed',
    ])
  })

  it('says nothing of a session that never connected', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events = record(broadcast)
    const { session } = await broadcast.addPublisher(PUBLISHER_OFFER)
    const reasons: string[] = []
    session.on('closed', (reason) => reasons.push(reason))
    engine.simulateEnd(session.id, 'connect-timeout')
    expect(reasons).toEqual(['connect-timeout'])
    expect(session.closeReason).toBe('connect-timeout')
    expect(events).toEqual([])
    expect(broadcast.session(session.id)).toBeUndefined()
  })

  it('replaces the publisher once the new one is connected, without being idle in between', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events = record(broadcast)
    const first = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateState(first.session.id, 'connected')
    const second = await broadcast.addPublisher(PUBLISHER_OFFER)
    expect(first.session.state).toBe('connected')
    engine.simulateState(second.session.id, 'connected')
    expect(first.session.closeReason).toBe('replaced')
    expect(broadcast.publishers).toEqual([second.session])
    expect(events).not.toContain('idle')
    expect(events.filter((event) => event === 'live')).toHaveLength(1)
  })

  it('keeps the publisher when the one that should replace it never connects', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const first = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateState(first.session.id, 'connected')
    const second = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateEnd(second.session.id, 'connect-timeout')
    expect(broadcast.publishers).toEqual([first.session])
  })

  it('lets a publisher that was added later still connect after an older one has', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const first = await broadcast.addPublisher(PUBLISHER_OFFER)
    const second = await broadcast.addPublisher(PUBLISHER_OFFER)
    engine.simulateState(first.session.id, 'connected')
    engine.simulateState(second.session.id, 'connected')
    expect(broadcast.publishers).toEqual([second.session])
  })

  it('refuses a second publisher by policy, even when both come at once', async () => {
    const { sfu } = fakeSfu({ publisherPolicy: 'reject' })
    const broadcast = sfu.broadcast('a')
    const results = await Promise.allSettled([
      broadcast.addPublisher(PUBLISHER_OFFER),
      broadcast.addPublisher(PUBLISHER_OFFER),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(broadcast.addPublisher(PUBLISHER_OFFER)).rejects.toMatchObject({ code: 'publisher-exists' })
    await broadcast.addViewer(VIEWER_OFFER)
  })

  it('takes a publisher again after one was refused for its SDP', async () => {
    const { sfu } = fakeSfu({ publisherPolicy: 'reject' })
    const broadcast = sfu.broadcast('a')
    await expect(broadcast.addPublisher('nonsense')).rejects.toMatchObject({ code: 'sdp-invalid' })
    await broadcast.addPublisher(PUBLISHER_OFFER)
  })

  it('ends every session when it is closed, any number of times, and takes no more', async () => {
    const { sfu } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events = record(broadcast)
    const { session } = await broadcast.addViewer(VIEWER_OFFER)
    await Promise.all([broadcast.close(), broadcast.close()])
    await broadcast.close()
    expect(session.closeReason).toBe('broadcast-closed')
    expect(events).toEqual(['closed'])
    await expect(broadcast.addViewer(VIEWER_OFFER)).rejects.toMatchObject({ code: 'closed' })
    expect(sfu.broadcasts()).toEqual([])
  })

  it('is not disturbed by a listener that throws', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    broadcast.on('viewer-joined', () => {
      throw new Error("the application's own")
    })
    const events = record(broadcast)
    const { session } = await broadcast.addViewer(VIEWER_OFFER)
    engine.simulateState(session.id, 'connected')
    expect(events).toEqual(['viewer-joined'])
  })

  it.each([
    ['a number', 42],
    ['nothing', null],
    ['an answer', { type: 'answer', sdp: VIEWER_OFFER }],
    ['an offer without SDP', { type: 'offer' }],
  ])('rejects %s as an offer', async (_what, offer) => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    await expect(broadcast.addViewer(offer as never)).rejects.toMatchObject({ code: 'request-invalid' })
    expect(engine.peerIds).toEqual([])
  })
})

describe('what a viewer receives', () => {
  it('is told to the engine', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
    await session.selectPublishers(['slides', 'camera'])
    await session.pause('video')
    await session.limitBitrate(500_000)
    await session.preferLayer({ maxHeight: 360 })
    expect(engine.viewerSettings.get(session.id)).toEqual({
      publishers: ['slides', 'camera'],
      paused: { video: true },
      maxBitrateBps: 500_000,
      layer: { maxHeight: 360 },
    })
    await session.resume('video')
    await session.limitBitrate(undefined)
    await session.preferLayer(undefined)
    await session.selectPublishers(undefined)
    expect(engine.viewerSettings.get(session.id)).toEqual({
      publishers: null,
      paused: { video: false },
      maxBitrateBps: null,
      layer: null,
    })
  })

  it('can be said with the offer', async () => {
    const { sfu, engine } = fakeSfu()
    const wishes = {
      maxBitrateBps: 500_000,
      layer: { maxHeight: 360 },
      publishers: ['slides'],
      paused: { audio: true },
    }
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'a', ...wishes, as: 'ignored' })
    expect(engine.viewerSettings.get(session.id)).toEqual(wishes)
    await session.resume('audio')
    await session.limitBitrate(undefined)
    const later = { ...wishes, paused: { audio: false }, maxBitrateBps: null }
    expect(engine.viewerSettings.get(session.id)).toEqual(later)
    const plain = await sfu.view(VIEWER_OFFER, { broadcast: 'a' })
    expect(engine.viewerSettings.get(plain.session.id)).toBeUndefined()
  })

  it.each([
    [{ maxBitrateBps: 5 }, 'maxBitrateBps'],
    [{ maxBitrateBps: null }, 'maxBitrateBps'],
    [{ layer: { maxHeight: -1 } }, 'maxHeight'],
    [{ layer: 'low' }, 'layer'],
    [{ layer: null }, 'layer'],
    [{ publishers: 'slides' }, 'publishers'],
    [{ publishers: ['slides', ''] }, 'publishers'],
    [{ publishers: [7] }, 'publishers'],
    [{ paused: true }, 'paused'],
    [{ paused: null }, 'paused'],
    [{ paused: { video: 'yes' } }, 'paused.video'],
  ])('is refused with the offer where it makes no sense: %j', async (wishes, option) => {
    const { sfu, engine } = fakeSfu()
    const joining = sfu.broadcast('a').addViewer(VIEWER_OFFER, wishes as never)
    await expect(joining).rejects.toMatchObject({ code: 'option-invalid', details: { option } })
    expect(engine.peerIds).toEqual([])
    expect(sfu.broadcast('a').empty).toBe(true)
  })

  it('is a list of names, if it is about publishers', async () => {
    const { sfu } = fakeSfu()
    const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
    const wrong = session.selectPublishers('slides' as never)
    await expect(wrong).rejects.toMatchObject({ code: 'option-invalid', details: { option: 'publishers' } })
  })

  it('is not a question for publishers, nor anything else than numbers in range', async () => {
    const { sfu } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const publisher = await broadcast.addPublisher(PUBLISHER_OFFER)
    await expect(publisher.session.pause('audio')).rejects.toMatchObject({ code: 'request-invalid' })
    const { session } = await broadcast.addViewer(VIEWER_OFFER)
    await expect(session.limitBitrate(5)).rejects.toMatchObject({ code: 'option-invalid' })
    await expect(session.preferLayer({ maxHeight: -1 })).rejects.toMatchObject({ code: 'option-invalid' })
  })
})

describe('what a viewer is sent', () => {
  it('is told by its session, until that is closed', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
    const events: LayerEvent[] = []
    session.on('layer', (event) => events.push(event))
    const event: LayerEvent = { publisher: 'main', mid: '1', live: true, rid: 'h', temporalId: 1, reason: 'bandwidth' }
    engine.simulateLayer(session.id, event)
    session.on('state', () => engine.listener.onLayer({ peerId: session.id, layer: event }))
    await session.close()
    engine.listener.onLayer({ peerId: session.id, layer: event })
    expect(events).toEqual([event])
  })
})

describe('what a publisher is asked to send', () => {
  it('can be bounded with its offer', async () => {
    const { sfu } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const bounded = await broadcast.addPublisher(PUBLISHER_OFFER, { as: 'slides', maxBitrateBps: 800_000 })
    expect(bounded.sdp).toContain('b=TIAS:800000')
    const free = await broadcast.addPublisher(PUBLISHER_OFFER)
    expect(free.sdp).not.toContain('b=')
    const wrong = broadcast.addPublisher(PUBLISHER_OFFER, { maxBitrateBps: 0 })
    await expect(wrong).rejects.toMatchObject({ code: 'option-invalid', details: { option: 'maxBitrateBps' } })
  })
})

describe('what is written on the packets of viewers', () => {
  const playoutDelay = { minMs: 100, maxMs: 500 }

  it('is what the options of the Sfu say, or those of the broadcast', async () => {
    const { sfu, engine } = fakeSfu({ playoutDelay, absCaptureTime: true })
    const told = async (name: string, options?: BroadcastOptions) => {
      const { session } = await sfu.broadcast(name, options).addViewer(VIEWER_OFFER)
      return engine.viewerExtensions.get(session.id)
    }
    expect(await told('a')).toEqual({ playoutDelay, absCaptureTime: true })
    const other = { minMs: 0, maxMs: 0 }
    expect(await told('b', { playoutDelay: other })).toEqual({ playoutDelay: other, absCaptureTime: true })
    expect(await told('c', { playoutDelay: null, absCaptureTime: false })).toEqual({})
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'd' })
    expect(engine.viewerExtensions.get(session.id)).toEqual({ playoutDelay, absCaptureTime: true })
  })

  it('is the publisher’s without options', async () => {
    const { sfu, engine } = fakeSfu()
    const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
    expect(engine.viewerExtensions.get(session.id)).toEqual({})
    const options = { playoutDelay: { minMs: 2, maxMs: 1 } }
    expect(() => sfu.broadcast('b', options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
    expect(sfu.broadcasts().map(({ name }) => name)).toEqual(['a'])
  })
})

describe('who speaks', () => {
  it('is told by the broadcast, until that publisher falls silent or leaves', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const events: string[] = []
    broadcast.on('active-speaker', (session) => {
      expect(broadcast.activeSpeaker).toBe(session)
      events.push(`active-speaker ${session?.as}`)
    })
    broadcast.on('publisher-left', (session) => events.push(`publisher-left ${session.as}`))
    const camera = await broadcast.addPublisher(PUBLISHER_OFFER)
    const guest = await broadcast.addPublisher(PUBLISHER_OFFER, { as: 'guest' })
    for (const { session } of [camera, guest]) engine.simulateState(session.id, 'connected')
    engine.simulateSpeech(camera.session.id, true)
    engine.simulateSpeech(guest.session.id, true)
    engine.simulateSpeech(camera.session.id, false)
    engine.simulateSpeech(guest.session.id, false)
    engine.simulateSpeech(guest.session.id, true)
    await guest.session.close()
    expect(events).toEqual([
      'active-speaker main',
      'active-speaker guest',
      'active-speaker undefined',
      'active-speaker guest',
      'publisher-left guest',
      'active-speaker undefined',
    ])
    expect(broadcast.activeSpeaker).toBeUndefined()
  })

  it('is told to its own broadcast only', async () => {
    const { sfu, engine } = fakeSfu()
    const other = sfu.broadcast('b')
    other.on('active-speaker', () => expect.unreachable())
    await other.addPublisher(PUBLISHER_OFFER)
    const { session } = await sfu.broadcast('a').addPublisher(PUBLISHER_OFFER)
    engine.simulateSpeech(session.id, true)
    expect(sfu.broadcast('a').activeSpeaker).toBe(session)
    expect(other.activeSpeaker).toBeUndefined()
  })
})

describe('several publishers', () => {
  it('stand side by side under names of their own, and replace each other under the same', async () => {
    const { sfu, engine } = fakeSfu()
    const broadcast = sfu.broadcast('a')
    const join = async (as?: string) => {
      const { session } = await broadcast.addPublisher(PUBLISHER_OFFER, as === undefined ? {} : { as })
      engine.simulateState(session.id, 'connected')
      return session
    }
    const [camera, slides] = [await join(), await join('slides')]
    expect(broadcast.publishers.map((session) => session.as)).toEqual(['main', 'slides'])
    const newer = await join('slides')
    expect(slides.closeReason).toBe('replaced')
    expect(broadcast.publishers).toEqual([camera, newer])
    await expect(broadcast.addPublisher(PUBLISHER_OFFER, { as: '' })).rejects.toMatchObject({ code: 'request-invalid' })
  })
})
