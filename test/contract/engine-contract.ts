/** What every `Engine` must do; run on the fake, the local and the sharded one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  ActiveSpeakerEvent,
  Engine,
  EngineListener,
  PeerLayerEvent,
  PeerStateEvent,
} from '../../src/engine/types.js'
import { LocalTrack } from '../../src/sources/local-track.js'
import { LocalTracks } from '../../src/sources/local-tracks.js'
import { waitFor } from '../support/wait-for.js'

/** A peer of the test that talks to the engine. */
export interface ContractClient {
  readonly offer: string
  /** Lets the transport come up. */
  accept(answer: string): Promise<void>
  /** A fragment with its ICE credentials, and new ones if `restart`. */
  fragment(restart?: boolean): string
  /** Goes on with the ICE session that the engine's fragment describes; resolves once a check was answered there. */
  acceptFragment(fragment: string): Promise<void>
  /** Of a publisher: sends a picture that viewers can begin with. */
  sendKeyframe(): void
  /** Of a publisher: sends some milliseconds of loud speech. */
  speak(): void
  /** Says goodbye. */
  close(): void | Promise<void>
}

/** One engine and the peers that fit it. */
export interface EngineHarness {
  readonly engine: Engine
  publisher(peerId: string): Promise<ContractClient>
  viewer(peerId: string): Promise<ContractClient>
  /** Another engine, which answers this one's offers. */
  readonly answerer: Engine
  /** Lets the transport of a peer come up whose answer was accepted, where it does not by itself. */
  connect?(peerId: string): void
}

/** Listens to an engine that nothing is wanted of but answers. */
export const DEAF: EngineListener = { onPeerState: () => {}, onLayer: () => {}, onActiveSpeaker: () => {} }

/** Runs the suite on the engines that `createHarness` makes. */
export function engineContract(
  name: string,
  createHarness: (listener: EngineListener) => EngineHarness | Promise<EngineHarness>,
): void {
  describe(`${name} keeps the engine contract`, () => {
    let harness: EngineHarness
    let events: PeerStateEvent[]
    let layers: PeerLayerEvent[]
    let speakers: ActiveSpeakerEvent[]
    const clients: ContractClient[] = []

    const eventsOf = (peerId: string) => events.filter((event) => event.peerId === peerId)
    const statesOf = (peerId: string) => eventsOf(peerId).map((event) => event.state)

    async function join(
      role: 'publisher' | 'viewer',
      peerId: string,
      broadcastId = 'b',
      feed = 'main',
    ): Promise<ContractClient> {
      const client = await harness[role](peerId)
      clients.push(client)
      const request = { peerId, broadcastId, feed, offer: client.offer }
      const { engine } = harness
      const { answer } = await (role === 'publisher' ? engine.addPublisher(request) : engine.addViewer(request))
      await client.accept(answer)
      await waitFor(`${peerId} connected`, () => statesOf(peerId).includes('connected'))
      return client
    }

    beforeEach(async () => {
      events = []
      layers = []
      speakers = []
      harness = await createHarness({
        onPeerState: (event) => events.push(event),
        onLayer: (event) => layers.push(event),
        onActiveSpeaker: (event) => speakers.push(event),
      })
      await harness.engine.start()
    })

    afterEach(async () => {
      await Promise.all([harness.engine.close(), harness.answerer.close()])
      await Promise.all(clients.splice(0).map((client) => client.close()))
    })

    it('answers with SDP and says when the peer is connected', async () => {
      const client = await harness.publisher('p')
      clients.push(client)
      const reply = await harness.engine.addPublisher({
        peerId: 'p',
        broadcastId: 'b',
        feed: 'main',
        offer: client.offer,
      })
      expect(reply.peerId).toBe('p')
      expect(reply.answer).toMatch(/^v=0\r\n/)
      expect(reply.answer).toContain('a=recvonly')
      expect(statesOf('p')).not.toContain('connected')
      await client.accept(reply.answer)
      await waitFor('p connected', () => statesOf('p').includes('connected'))
    })

    it('asks a publisher to send no more than its request says', async () => {
      const client = await harness.publisher('p')
      clients.push(client)
      const request = { peerId: 'p', broadcastId: 'b', feed: 'main', offer: client.offer, maxBitrateBps: 700_000 }
      expect((await harness.engine.addPublisher(request)).answer).toContain('b=TIAS:700000')
    })

    it('takes what a viewer wants from the start', async () => {
      const client = await harness.viewer('v')
      clients.push(client)
      const settings = {
        paused: { video: true },
        maxBitrateBps: 700_000,
        publishers: ['main'],
        layer: { maxHeight: 360 },
      }
      const extensions = { playoutDelay: { minMs: 0, maxMs: 100 }, absCaptureTime: true }
      const request = { peerId: 'v', broadcastId: 'b', offer: client.offer, settings, extensions }
      await client.accept((await harness.engine.addViewer(request)).answer)
      await waitFor('v connected', () => statesOf('v').includes('connected'))
    })

    it('serves viewers before, with and without a publisher', async () => {
      await join('viewer', 'v1')
      await join('publisher', 'p')
      await join('viewer', 'v2')
      const { peers } = await harness.engine.broadcastStats('b')
      expect(peers.map(({ peerId, role, state }) => `${peerId} ${role} ${state}`).sort()).toEqual([
        'p publisher connected',
        'v1 viewer connected',
        'v2 viewer connected',
      ])
    })

    it('keeps broadcasts apart', async () => {
      await join('viewer', 'v1', 'one')
      await join('viewer', 'v2', 'two')
      expect((await harness.engine.broadcastStats('one')).peers.map(({ peerId }) => peerId)).toEqual(['v1'])
      expect((await harness.engine.broadcastStats('none')).peers).toEqual([])
    })

    it('rejects what is not an offer, and goes on', async () => {
      const bad = { peerId: 'x', broadcastId: 'b', feed: 'main', offer: 'not sdp' }
      await expect(harness.engine.addPublisher(bad)).rejects.toMatchObject({
        name: 'BroadcastError',
        code: 'sdp-invalid',
      })
      await expect(harness.engine.addViewer(bad)).rejects.toMatchObject({ name: 'BroadcastError', code: 'sdp-invalid' })
      const viewer = await harness.viewer('v')
      clients.push(viewer)
      const wrongWay = { peerId: 'y', broadcastId: 'b', feed: 'main', offer: viewer.offer }
      await expect(harness.engine.addPublisher(wrongWay)).rejects.toMatchObject({ code: 'direction-mismatch' })
      expect(await harness.engine.peerStats('x')).toBeUndefined()
      await join('viewer', 'v2')
    })

    it('closes a peer with the reason it was given, and says so once', async () => {
      await join('publisher', 'p')
      await harness.engine.closePeer('p', 'replaced')
      await harness.engine.closePeer('p', 'closed')
      await waitFor('p closed', () => statesOf('p').includes('closed'))
      expect(eventsOf('p').filter((event) => event.state === 'closed')).toMatchObject([{ reason: 'replaced' }])
      expect(await harness.engine.peerStats('p')).toBeUndefined()
    })

    it('ignores ids that it does not know', async () => {
      await harness.engine.closePeer('nobody', 'closed')
      expect(await harness.engine.peerStats('nobody')).toBeUndefined()
      await harness.engine.removeBroadcast('nothing')
      expect(events).toEqual([])
    })

    it('forgets a broadcast that is removed, on every shard', async () => {
      await join('publisher', 'p')
      await Promise.all(['v1', 'v2', 'v3'].map((peerId) => join('viewer', peerId)))
      await Promise.all(['p', 'v1', 'v2', 'v3'].map((peerId) => harness.engine.closePeer(peerId, 'broadcast-closed')))
      await harness.engine.removeBroadcast('b')
      await waitFor('nothing is kept', async () =>
        (await harness.engine.stats()).shards.every(({ broadcasts }) => broadcasts === 0),
      )
    })

    it('notices at once when a peer says goodbye', async () => {
      const client = await join('viewer', 'v')
      await client.close()
      await waitFor('v closed', () => statesOf('v').includes('closed'))
      expect(eventsOf('v').at(-1)).toMatchObject({ state: 'closed', reason: 'peer-closed' })
    })

    it('sums up what peers have counted, those included that have left', async () => {
      const { engine } = harness
      const sums = async () => {
        const { shards } = await engine.summary(['b', 'none'])
        const names = shards.flatMap(({ broadcasts }) => broadcasts.map(({ broadcastId }) => broadcastId))
        expect(new Set(names)).toEqual(new Set(shards.length > 0 ? ['b'] : []))
        const sum = (of: (shard: (typeof shards)[number]) => number) => shards.reduce((all, one) => all + of(one), 0)
        return {
          packets: sum((shard) => shard.sums.transport.traffic.rtpPacketsOut),
          ofBroadcast: sum((shard) => shard.broadcasts.reduce((all, one) => all + one.sums.rtpPacketsOut, 0)),
          changes: sum(({ layerChanges }) => layerChanges.source ?? 0),
          started: sum(({ firstVideoSeconds }) => firstVideoSeconds.counts.reduce((all, one) => all + one, 0)),
        }
      }
      const publisher = await join('publisher', 'p')
      await join('viewer', 'v1')
      await join('viewer', 'v2')
      await waitFor('both are sent a video', () => {
        publisher.sendKeyframe()
        return new Set(layers.map(({ peerId }) => peerId)).size === 2
      })
      const { totals } = await engine.broadcastStats('b')
      const before = await sums()
      expect(before.packets).toBeGreaterThanOrEqual(totals.rtpPacketsOut)
      expect(before.ofBroadcast).toBe(before.packets)
      if (before.packets > 0) expect(before).toMatchObject({ changes: 2, started: 2 })
      await engine.closePeer('v1', 'closed')
      await engine.closePeer('v2', 'closed')
      const after = await sums()
      expect(after.packets).toBeGreaterThanOrEqual(before.packets)
      expect(after.ofBroadcast).toBe(after.packets)
    })

    it('tells what a viewer is sent, while there is that viewer', async () => {
      await join('viewer', 'v1')
      const publisher = await join('publisher', 'p')
      await join('viewer', 'v2')
      for (const peerId of ['v1', 'v2']) {
        await waitFor(`${peerId} is sent a video`, () => {
          publisher.sendKeyframe()
          return layers.some((event) => event.peerId === peerId)
        })
        const first = layers.find((event) => event.peerId === peerId)
        expect(first?.layer).toEqual({
          publisher: 'main',
          mid: expect.any(String),
          live: true,
          rid: undefined,
          reason: 'source',
        })
      }
      await harness.engine.closePeer('v1', 'closed')
      const before = layers.length
      publisher.sendKeyframe()
      await harness.engine.closePeer('v2', 'closed')
      expect(layers.slice(before).filter(({ peerId }) => peerId === 'v1')).toEqual([])
    })

    it('tells who speaks, by broadcast, until that publisher has gone', async () => {
      const publisher = await join('publisher', 'p1', 'b', 'one')
      const elsewhere = await join('publisher', 'p2', 'c', 'two')
      await join('publisher', 'p3', 'b', 'three')
      const heard = (broadcastId: string) =>
        speakers.filter((event) => event.broadcastId === broadcastId).map(({ peerId }) => peerId)
      await waitFor('both are heard', () => {
        publisher.speak()
        elsewhere.speak()
        return heard('b').at(-1) === 'p1' && heard('c').at(-1) === 'p2'
      })
      await harness.engine.closePeer('p1', 'closed')
      await waitFor('nobody speaks', () => heard('b').at(-1) === undefined)
      expect(new Set(heard('b'))).toEqual(new Set(['p1', undefined]))
    })

    it('takes more candidates of a peer, and none for a peer that it does not have', async () => {
      const client = await join('viewer', 'v')
      expect(await harness.engine.trickle('v', client.fragment())).toEqual({ restarted: false })
      await expect(harness.engine.trickle('nobody', client.fragment())).rejects.toMatchObject({
        name: 'BroadcastError',
        code: 'session-not-found',
      })
    })

    it('takes sources of the application, as publishers that are connected at once', async () => {
      const tracks = () => new LocalTracks([new LocalTrack({ codec: 'VP8' })])
      const source = tracks()
      const { engine } = harness
      await engine.addSource({ peerId: 's', broadcastId: 'b', feed: 'main', source })
      expect(eventsOf('s')).toEqual([{ peerId: 's', state: 'connected' }])
      expect(await engine.peerStats('s')).toMatchObject({ role: 'publisher', state: 'connected', source: {} })
      expect((await engine.broadcastStats('b')).peers.map(({ peerId }) => peerId)).toEqual(['s'])
      await engine.closePeer('s', 'kicked')
      expect(eventsOf('s').at(-1)).toMatchObject({ state: 'closed', reason: 'kicked' })
      expect(await engine.peerStats('s')).toBeUndefined()
      const other = tracks()
      await engine.addSource({ peerId: 't', broadcastId: 'b', feed: 'main', source: other })
      other.end()
      await waitFor('t closed', () => statesOf('t').includes('closed'))
      expect(eventsOf('t').at(-1)).toMatchObject({ reason: 'source-ended' })
      // What cannot be opened leaves nothing behind.
      const again = engine.addSource({ peerId: 'u', broadcastId: 'b', feed: 'main', source: other })
      await expect(again).rejects.toMatchObject({ code: 'request-invalid' })
      expect(await engine.peerStats('u')).toBeUndefined()
    })

    it('lets sinks of the application hear of the feeds of their broadcast, until they have enough', async () => {
      const heard: string[] = []
      const sink = { setSource: (feed: string, source: unknown) => heard.push(`${feed} ${source !== undefined}`) }
      const { engine } = harness
      const source = () => new LocalTracks([new LocalTrack({ codec: 'VP8' })])
      await engine.addSource({ peerId: 'elsewhere', broadcastId: 'c', feed: 'other', source: source() })
      await engine.addSource({ peerId: 's', broadcastId: 'b', feed: 'main', source: source() })
      const remove = await engine.addSink('b', sink)
      await waitFor('the source is there', () => heard.includes('main true'))
      await engine.closePeer('s', 'closed')
      await waitFor('the source is gone', () => heard.at(-1) === 'main false')
      remove()
      remove()
      const before = heard.length
      await engine.addSource({ peerId: 't', broadcastId: 'b', feed: 'main', source: source() })
      await engine.closePeer('t', 'closed')
      expect(heard.slice(before)).toEqual([])
      expect(heard.filter((one) => one.startsWith('other'))).toEqual([])
    })

    it('restarts ICE as often as a peer asks, and the peer stays connected', async () => {
      const client = await join('publisher', 'p')
      const ufrags = new Set<string>()
      for (let round = 0; round < 3; round++) {
        const result = await harness.engine.trickle('p', client.fragment(true))
        if (!result.restarted) throw new Error('expected a restart')
        expect(result.fragment).toMatch(/^a=ice-lite\r\na=ice-options:trickle ice2\r\n/)
        ufrags.add(/^a=ice-ufrag:(\S+)/m.exec(result.fragment)?.[1] ?? '')
        await client.acceptFragment(result.fragment)
        expect(await harness.engine.trickle('p', client.fragment())).toEqual({ restarted: false })
      }
      expect(ufrags.size).toBe(3)
      expect(statesOf('p')).toEqual(['connected'])
    })

    it('goes on as before when a fragment is refused', async () => {
      const client = await join('viewer', 'v')
      await expect(harness.engine.trickle('v', 'hello')).rejects.toMatchObject({ code: 'sdp-invalid' })
      const half = client.fragment().replace(/^a=ice-pwd:.*$/m, 'a=ice-pwd:anotherPasswordOf24Letter')
      await expect(harness.engine.trickle('v', half)).rejects.toMatchObject({ code: 'ice-mismatch' })
      expect(await harness.engine.trickle('v', client.fragment())).toEqual({ restarted: false })
      expect(statesOf('v')).toEqual(['connected'])
    })

    for (const role of ['publisher', 'viewer'] as const) {
      const offerOf = (peerId: string) => {
        const request = { peerId, broadcastId: 'b', feed: 'main' }
        return role === 'publisher' ? harness.engine.offerPublisher(request) : harness.engine.offerViewer(request)
      }
      const answerTo = async (offer: string) => {
        const request = { peerId: 'other', broadcastId: 'b', feed: 'main', offer }
        const { answerer } = harness
        return (await (role === 'publisher' ? answerer.addViewer(request) : answerer.addPublisher(request))).answer
      }

      it(`makes an offer for a ${role}, which is connected after its answer`, async () => {
        const { engine } = harness
        const { peerId, offer } = await offerOf('o')
        expect(peerId).toBe('o')
        expect(offer).toContain(role === 'publisher' ? 'a=recvonly' : 'a=sendonly')
        expect(offer).toContain('a=setup:actpass')
        expect(await engine.peerStats('o')).toMatchObject({ peerId: 'o', role, state: 'connecting' })
        expect((await engine.broadcastStats('b')).peers).toMatchObject([{ peerId: 'o', role, state: 'connecting' }])
        if (role === 'viewer') await engine.configureViewer('o', { paused: { audio: true } })
        await engine.acceptAnswer('o', await answerTo(offer))
        harness.connect?.('o')
        await waitFor('o connected', () => statesOf('o').includes('connected'))
        expect((await engine.broadcastStats('b')).peers).toMatchObject([{ peerId: 'o', role, state: 'connected' }])
        await engine.closePeer('o', 'closed')
        expect(statesOf('o')).toEqual(['connected', 'closed'])
        await engine.removeBroadcast('b')
        expect((await engine.stats()).shards.every(({ broadcasts }) => broadcasts === 0)).toBe(true)
      })

      it(`takes one answer of a ${role}, and only one to that offer`, async () => {
        const { engine } = harness
        const { offer } = await offerOf('o')
        await expect(engine.trickle('o', 'a=ice-ufrag:abcd')).rejects.toMatchObject({ code: 'request-invalid' })
        await expect(engine.acceptAnswer('o', 'not sdp')).rejects.toMatchObject({ code: 'sdp-invalid' })
        await expect(engine.acceptAnswer('o', offer)).rejects.toMatchObject({ code: 'direction-mismatch' })
        await expect(engine.acceptAnswer('nobody', offer)).rejects.toMatchObject({ code: 'session-not-found' })
        const answer = await answerTo(offer)
        await engine.acceptAnswer('o', answer)
        await expect(engine.acceptAnswer('o', answer)).rejects.toMatchObject({ code: 'request-invalid' })
        // Whoever made the offer restarts ICE.
        const fragment = 'a=ice-ufrag:another\r\na=ice-pwd:anotherPasswordOf24Lett\r\n'
        await expect(engine.trickle('o', fragment)).rejects.toMatchObject({ code: 'ice-mismatch' })
        harness.connect?.('o')
        await waitFor('o connected', () => statesOf('o').includes('connected'))
      })

      it(`ends a ${role} whose answer is still to come`, async () => {
        const { engine } = harness
        const { offer } = await offerOf('o')
        await engine.closePeer('o', 'kicked')
        expect(eventsOf('o')).toEqual([{ peerId: 'o', state: 'closed', reason: 'kicked' }])
        await expect(engine.acceptAnswer('o', offer)).rejects.toMatchObject({ code: 'session-not-found' })
        await offerOf('p')
        await engine.close()
        expect(eventsOf('p')).toMatchObject([{ state: 'closed', reason: 'sfu-closed' }])
        await expect(offerOf('q')).rejects.toMatchObject({ code: 'closed' })
        await expect(engine.acceptAnswer('p', offer)).rejects.toMatchObject({ code: 'closed' })
      })
    }

    it('says how much its shards have to do, and lowers the layers of viewers, until it is closed', async () => {
      const { engine } = harness
      await engine.start()
      for (const { heapUsedBytes, heapLimitBytes, eventLoopDelayMs, port } of await engine.load()) {
        expect(heapUsedBytes).toBeGreaterThan(0)
        expect(heapLimitBytes).toBeGreaterThan(heapUsedBytes)
        expect(eventLoopDelayMs).toBeGreaterThanOrEqual(0)
        expect(port).toBeGreaterThan(0)
      }
      await engine.lowerLayers(1)
      await join('viewer', 'v')
      await engine.lowerLayers(0)
      await engine.close()
      await expect(engine.load()).rejects.toMatchObject({ code: 'closed' })
    })

    it('ends every peer when it is closed, and takes nothing afterwards', async () => {
      await join('publisher', 'p')
      await join('viewer', 'v')
      await Promise.all([harness.engine.close(), harness.engine.close()])
      for (const peerId of ['p', 'v']) {
        expect(eventsOf(peerId).at(-1)).toMatchObject({ state: 'closed', reason: 'sfu-closed' })
      }
      const late = await harness.viewer('late')
      clients.push(late)
      const request = { peerId: 'late', broadcastId: 'b', offer: late.offer }
      await expect(harness.engine.addViewer(request)).rejects.toMatchObject({ code: 'closed' })
      await expect(harness.engine.trickle('v', late.fragment())).rejects.toMatchObject({ code: 'closed' })
      await expect(harness.engine.stats()).rejects.toMatchObject({ code: 'closed' })
    })
  })
}
