/** Publishers and viewers on several nodes: who is the origin, who relays, and what happens when nodes come and go. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClusterScene, type SceneNode } from '../../support/cluster-scene.js'
import { PUBLISHER_OFFER } from '../../support/offers.js'
import { problemOf } from '../signaling/requests.js'

let scene: ClusterScene
let a: SceneNode
let b: SceneNode
let c: SceneNode

beforeEach(async () => {
  scene = new ClusterScene()
  a = await scene.add('a')
  b = await scene.add('b')
  c = await scene.add('c')
})

afterEach(() => scene.close())

describe('a viewer on another node than the publisher', () => {
  it('is served by one relay, which all viewers of the node share and the last one ends after the linger', async () => {
    a.connect(await a.publish())
    const viewers = [b.connect(await b.watch()), b.connect(await b.watch())]
    await scene.settle()
    expect(b.pulls.map(({ from, connected }) => [from, connected])).toEqual([['a', true]])
    expect(b.node.stats().relays).toEqual([{ broadcast: 'x', publisher: 'main', from: a.node.nodeId, connected: true }])
    // The origin has one more session, which is no viewer.
    expect([a.node.stats().node.viewers, b.node.stats().node.viewers]).toEqual([0, 2])
    expect(a.sfu.broadcasts()[0]?.viewers.length).toBe(1)

    await viewers[0]?.close()
    await scene.advance(20_000)
    expect(b.pulls[0]?.closed).toBe(false)
    await viewers[1]?.close()
    await scene.advance(9_900)
    expect(b.pulls[0]?.closed).toBe(false)
    await scene.advance(200)
    expect(b.pulls[0]?.closed).toBe(true)
    expect([b.sfu.broadcasts(), a.sfu.broadcasts()[0]?.viewers]).toEqual([[], []])
    expect((await scene.directory.broadcast('x')).carriers).toEqual([a.node.nodeId])
  })

  it('who comes back during the linger finds the relay that was there', async () => {
    a.connect(await a.publish())
    const viewer = b.connect(await b.watch())
    await scene.settle()
    await viewer.close()
    await scene.advance(9_000)
    b.connect(await b.watch())
    await scene.advance(20_000)
    expect(b.pulls.map(({ closed }) => closed)).toEqual([false])
  })

  it('waits where it is for a publisher, and gets media as soon as one comes anywhere', async () => {
    const viewer = b.connect(await b.watch())
    await scene.advance(30_000)
    expect(b.pulls).toEqual([])
    a.connect(await a.publish())
    await scene.settle()
    expect(b.pulls[0]?.connected).toBe(true)
    expect(viewer.state).toBe('connected')
  })

  it('finds the publisher within a second when the directory has told nobody', async () => {
    b.connect(await b.watch())
    scene.switch.setAway('b', true)
    a.connect(await a.publish())
    await scene.settle()
    scene.switch.setAway('b', false)
    expect(b.pulls).toEqual([])
    await scene.advance(1000)
    expect(b.pulls[0]?.connected).toBe(true)
  })

  it('gets every publisher of the broadcast, those of its own node included', async () => {
    a.connect(await a.publish('?as=camera'))
    c.connect(await c.publish('?as=slides'))
    b.connect(await b.publish('?as=sound'))
    b.connect(await b.watch())
    await scene.settle()
    expect(b.pulls.map(({ from }) => from)).toEqual(['a', 'c'])
    expect(
      b.sfu
        .broadcasts()[0]
        ?.publishers.map(({ as }) => as)
        .sort(),
    ).toEqual(['camera', 'slides', 'sound'])
  })

  it('learns that nobody publishes any more, and waits for the next publisher', async () => {
    const publisher = a.connect(await a.publish())
    const viewer = b.connect(await b.watch())
    await scene.settle()
    await publisher.close()
    await scene.advance(1000)
    // It may come back at once.
    expect(b.pulls[0]?.connected).toBe(true)
    await scene.advance(3000)
    expect([b.pulls[0]?.closed, b.sfu.broadcasts()[0]?.live, a.sfu.broadcasts()]).toEqual([true, false, []])
    c.connect(await c.publish())
    await scene.settle()
    expect([b.pulls.at(-1)?.from, viewer.state, b.sfu.broadcasts()[0]?.live]).toEqual(['c', 'connected', true])
  })

  it('is refused by requireLive only if nobody publishes anywhere', async () => {
    const strict = await scene.add('d', { signaling: { requireLive: true } })
    expect((await strict.watch()).status).toBe(409)
    a.connect(await a.publish())
    expect((await strict.watch()).status).toBe(201)
  })
})

describe('a publisher', () => {
  it('holds the lease while it is there, and gives it up when it goes', async () => {
    const publisher = a.connect(await a.publish())
    const [lease] = (await scene.directory.broadcast('x')).origins
    expect(lease).toMatchObject({ nodeId: a.node.nodeId, publisher: 'main' })
    await scene.advance(30_000)
    expect((await scene.directory.broadcast('x')).origins).toEqual([lease])
    await publisher.close()
    await scene.settle()
    expect((await scene.directory.broadcast('x')).origins).toEqual([])
  })

  it('that is refused by the engine leaves no lease', async () => {
    const response = await scene.request('http://a/whip/x', {
      method: 'POST',
      body: 'v=0\r\n',
      headers: { 'content-type': 'application/sdp' },
    })
    expect(response.status).toBe(400)
    await scene.settle()
    expect((await scene.directory.broadcast('x')).origins).toEqual([])
  })

  it('on another node takes the place of an older one when it is connected, and viewers go on', async () => {
    const older = a.connect(await a.publish())
    const viewers = [a.connect(await a.watch()), b.connect(await b.watch()), c.connect(await c.watch())]
    await scene.settle()
    const answer = await b.publish()
    await scene.advance(5000)
    // It never connects, perhaps: nothing has changed.
    expect([older.state, b.pulls[0]?.connected]).toEqual(['connected', true])
    b.connect(answer)
    await scene.settle()
    expect([older.state, older.closeReason]).toEqual(['closed', 'replaced'])
    expect(viewers.map(({ state }) => state)).toEqual(['connected', 'connected', 'connected'])
    expect(b.pulls.map(({ closed }) => closed)).toEqual([true])
    expect([a.pulls[0]?.from, c.pulls[0]?.from, c.pulls.length]).toEqual(['b', 'b', 1])
    expect((await scene.directory.broadcast('x')).origins[0]?.nodeId).toBe(b.node.nodeId)
  })

  it('is refused with 409 by the policy to keep the older one, until that has gone', async () => {
    const policy = { publisherPolicy: 'reject' } as const
    const [d, e] = [await scene.add('d', {}, policy), await scene.add('e', {}, policy)]
    const first = d.connect(await d.publish())
    const response = await e.publish()
    expect([response.status, (await problemOf(response)).code]).toEqual([409, 'publisher-exists'])
    expect((await e.publish('?as=slides')).status).toBe(201)
    await first.close()
    await scene.settle()
    expect((await e.publish()).status).toBe(201)
  })

  it('that the application has let in by itself has a lease, too', async () => {
    const { session } = await a.sfu.broadcast('x').addPublisher(PUBLISHER_OFFER)
    a.engine.simulateState(session.id, 'connected')
    await scene.settle()
    expect((await scene.directory.broadcast('x')).origins[0]?.nodeId).toBe(a.node.nodeId)
  })
})

describe('a node that dies', () => {
  it('as the origin: its publisher comes back elsewhere, and viewers on other nodes keep their sessions', async () => {
    a.connect(await a.publish())
    const viewer = c.connect(await c.watch())
    await scene.settle()
    expect(c.pulls[0]?.from).toBe('a')
    scene.kill(a)
    await scene.advance(2000)
    expect(c.pulls[0]?.connected).toBe(false)
    b.connect(await b.publish())
    await scene.settle()
    expect([c.pulls.length, c.pulls[0]?.connected, c.pulls[0]?.from]).toEqual([1, true, 'b'])
    expect(viewer.state).toBe('connected')
    // Nobody is sent to a node that was not heard of for the time that its heartbeat holds.
    await scene.advance(5000)
    expect(c.node.stats().nodes.map(({ url }) => url)).toEqual([b.url, c.url])
  })

  it('as the origin for good: relays end, and viewers wait', async () => {
    a.connect(await a.publish())
    const viewer = c.connect(await c.watch())
    await scene.settle()
    scene.kill(a)
    await scene.advance(8000)
    expect(c.pulls[0]?.closed).toBe(true)
    expect(viewer.state).toBe('connected')
    expect(c.sfu.broadcasts()[0]?.live).toBe(false)
  })
})

describe('split brain', () => {
  it('one origin is left when a node that was cut off comes back: the newer one', async () => {
    const old = a.connect(await a.publish())
    scene.switch.setAway('a', true)
    await scene.advance(6000)
    const newer = b.connect(await b.publish())
    await scene.settle()
    // Both serve, as neither can know.
    expect([old.state, newer.state]).toEqual(['connected', 'connected'])
    scene.switch.setAway('a', false)
    await scene.advance(2000)
    expect([old.closeReason, newer.state]).toEqual(['superseded', 'connected'])
    expect((await scene.directory.broadcast('x')).origins[0]?.nodeId).toBe(b.node.nodeId)
  })

  it('a lease that ran out and that nobody else has won is held again', async () => {
    const publisher = a.connect(await a.publish())
    scene.switch.setAway('a', true)
    await scene.advance(20_000)
    expect((await scene.directory.broadcast('x')).origins).toEqual([])
    scene.switch.setAway('a', false)
    await scene.advance(2000)
    expect((await scene.directory.broadcast('x')).origins[0]?.nodeId).toBe(a.node.nodeId)
    expect(publisher.state).toBe('connected')
  })
})

describe('while the directory is away', () => {
  const setAway = (away: boolean): void => {
    for (const name of ['a', 'b', 'c']) scene.switch.setAway(name, away)
  }

  it('what runs goes on, what is known is served, new claims get 503, and all is right ten seconds after', async () => {
    const publisher = a.connect(await a.publish())
    const viewer = b.connect(await b.watch())
    await scene.settle()
    setAway(true)
    await scene.advance(60_000)
    expect([publisher.state, viewer.state, b.pulls[0]?.connected]).toEqual(['connected', 'connected', true])
    expect(b.node.stats().directoryReachable).toBe(false)

    expect([(await a.watch()).status, (await b.watch()).status]).toEqual([201, 201])
    for (const response of [await c.watch(), await c.publish(), await a.publish('?as=slides')]) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
      expect((await problemOf(response)).code).toBe('directory-unavailable')
    }
    // The same publisher on the same node is no new claim.
    expect((await a.publish()).status).toBe(201)

    setAway(false)
    await scene.advance(5000)
    const { origins, carriers } = await scene.directory.broadcast('x')
    expect(origins.map(({ nodeId }) => nodeId)).toEqual([a.node.nodeId])
    expect([...carriers].sort()).toEqual([a.node.nodeId, b.node.nodeId].sort())
    expect((await scene.directory.nodes()).length).toBe(3)
    expect(c.connect(await c.watch()).state).toBe('connected')
  })

  it('a relay that breaks goes back to where the publisher was last', async () => {
    a.connect(await a.publish())
    b.connect(await b.watch())
    await scene.settle()
    setAway(true)
    await a.sfu.broadcasts()[0]?.viewers[0]?.close()
    await scene.advance(1000)
    expect([b.pulls[0]?.connected, b.pulls[0]?.attempts]).toEqual([true, 2])
  })
})
