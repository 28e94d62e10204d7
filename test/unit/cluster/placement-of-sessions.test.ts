/** Who is served where: nodes that are full, busy or going down, and clients that are sent on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Authorize } from '../../../src/signaling/index.js'
import { webSocketConfig } from '../../../src/signaling/websocket/websocket-options.js'
import { WebSocketAdapter } from '../../../src/signaling/websocket/websocket-signaling.js'
import { Scheduler } from '../../../src/util/scheduler.js'
import { ClusterScene } from '../../support/cluster-scene.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'
import { bare, problemOf } from '../signaling/requests.js'

const SECRET = 'a secret that all nodes of a cluster know'
const authorize: Authorize = ({ token }) =>
  token === 'user' ? { roles: ['member'], metadata: { user: 7 } } : undefined
const USER = { authorization: 'Bearer user' }

let scene: ClusterScene

beforeEach(() => {
  scene = new ClusterScene()
})

afterEach(() => scene.close())

describe('a viewer at a node that is full', () => {
  it('is sent to one that is not, with a ticket in place of its token, and changes its session there by its token', async () => {
    const a = await scene.add('a', { capacity: 1, authorize, secret: SECRET })
    const b = await scene.add('b', { authorize, secret: SECRET })
    a.connect(await a.publish('', USER))
    expect((await a.watch('', USER)).status).toBe(201)
    const response = await a.watch('', USER)
    expect(response.status).toBe(307)
    const location = new URL(response.headers.get('location') ?? '')
    expect([location.origin, location.pathname, [...location.searchParams.keys()]]).toEqual([
      b.url,
      '/whep/x',
      ['ticket'],
    ])

    const answer = await scene.followed(response, VIEWER_OFFER)
    expect(answer.status).toBe(201)
    const session = b.connect(answer)
    expect([session.roles, session.metadata]).toMatchObject([['member'], { user: 7 }])
    await scene.settle()
    expect(b.pulls[0]?.connected).toBe(true)
    // Whoever has seen the URL cannot use it.
    expect((await scene.followed(response, VIEWER_OFFER)).status).toBe(401)

    const url = `${b.url}${answer.headers.get('location')}`
    expect((await scene.request(url, { method: 'DELETE' })).status).toBe(401)
    expect((await scene.request(`${url}${location.search}`, { method: 'DELETE' })).status).toBe(401)
    expect((await scene.request(url, { method: 'DELETE', headers: USER })).status).toBe(200)
    expect(a.node.stats()).toMatchObject({ redirected: 1, refused: 0 })
    expect(b.node.stats().passesRefused).toBe(2)
  })

  it('gets 503 and when to come again where all are full', async () => {
    const a = await scene.add('a', { capacity: 1 })
    const b = await scene.add('b', { capacity: 1 })
    for (const node of [a, b]) expect((await node.watch()).status).toBe(201)
    await scene.advance(2000)
    const response = await a.watch()
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await problemOf(response)).toMatchObject({ code: 'limit-reached', details: { limit: 'capacity' } })
    expect(a.node.stats().refused).toBe(1)
  })

  it('is not sent in circles', async () => {
    const a = await scene.add('a', { capacity: 1 })
    const b = await scene.add('b', { capacity: 1 })
    expect((await a.watch()).status).toBe(201)
    const first = await a.watch()
    expect(first.status).toBe(307)
    // The other one has become full before the client is there.
    expect((await b.watch()).status).toBe(201)
    expect((await scene.followed(first, VIEWER_OFFER)).status).toBe(503)
  })

  it('is told over a WebSocket where to go, and what to show there', async () => {
    const a = await scene.add('a', { capacity: 1, authorize, secret: SECRET })
    const b = await scene.add('b', { authorize, secret: SECRET })
    expect((await a.watch('', USER)).status).toBe(201)
    const connect = (at: typeof a) => {
      const sent: Record<string, unknown>[] = []
      const config = webSocketConfig({ authorize: at.node.authorize })
      const adapter = new WebSocketAdapter(at.node.target, config, new Scheduler(scene.clock, scene.clock))
      const socket = { send: (text: string) => void sent.push(JSON.parse(text)), close() {}, readyState: 1 }
      const connection = adapter.accept(socket as never)
      return { sent, say: (message: object) => connection.receive(JSON.stringify(message)) }
    }
    const offer = { type: 'view', id: 1, session: 'v', broadcast: 'x', sdp: VIEWER_OFFER }
    const first = connect(a)
    first.say({ ...offer, token: 'user' })
    await scene.settle()
    const error = first.sent.at(-1) as { code: string; details: { url: string; ticket: string } }
    expect([error.code, error.details.url]).toEqual(['redirected', b.url])
    const second = connect(b)
    second.say({ ...offer, token: error.details.ticket })
    await scene.settle()
    expect(second.sent.map(({ type }) => type)).toContain('answer')
  })
})

describe('a node that is busy', () => {
  it('sends newcomers on while another one has less to do, keeps who is there, and feeds relays', async () => {
    const [a, b] = [await scene.add('a'), await scene.add('b')]
    a.connect(await a.publish())
    const viewer = a.connect(await a.watch())
    a.load.overloaded = true
    const response = await a.watch()
    expect(response.status).toBe(307)
    b.connect(await scene.followed(response, VIEWER_OFFER))
    await scene.settle()
    expect([b.pulls[0]?.connected, viewer.state]).toEqual([true, 'connected'])
    a.load.overloaded = false
    expect((await a.watch()).status).toBe(201)
  })
})

describe('a node that goes down', () => {
  it('sends publishers and viewers to others, which hear of it at once', async () => {
    const [a, b] = [await scene.add('a'), await scene.add('b')]
    a.load.draining = true
    a.sfu.emit('draining')
    await scene.settle()
    const published = await a.publish('?as=slides')
    expect([published.status, new URL(published.headers.get('location') ?? '').host]).toEqual([307, 'b'])
    const there = b.connect(await scene.followed(published, PUBLISHER_OFFER))
    expect(there.as).toBe('slides')
    expect((await a.watch()).status).toBe(307)
    await b.node.ready()
    expect(b.node.stats().nodes.find(({ url }) => url === a.url)?.draining).toBe(true)
    // Nobody is sent back.
    b.load.overloaded = true
    expect((await b.watch()).status).toBe(201)
  })

  it('says of sessions that it has ended that it is going down, not that somebody has ended them', async () => {
    const a = await scene.add('a')
    const published = await a.publish()
    await a.connect(published).close()
    const url = new URL(published.headers.get('location') ?? '', a.url).href
    const status = async () => (await scene.request(url, { method: 'GET' })).status
    expect(await status()).toBe(404)
    a.load.draining = true
    expect(await status()).toBe(503)
  })

  it('leaves: the others know at once, and its publishers have no lease any more', async () => {
    const [a, b] = [await scene.add('a'), await scene.add('b')]
    const publisher = a.connect(await a.publish())
    await scene.settle()
    await a.node.close()
    await b.node.ready()
    expect(b.node.stats().nodes.map(({ url }) => url)).toEqual([b.url])
    expect((await scene.directory.broadcast('x')).origins).toEqual([])
    expect(publisher.state).toBe('connected')
    expect((await a.publish()).status).toBe(410)
  })
})

describe('an Sfu that is closed', () => {
  it('takes its node out of the cluster', async () => {
    const [a, b] = [await scene.add('a'), await scene.add('b')]
    await a.sfu.close()
    await scene.settle()
    await b.node.ready()
    expect(b.node.stats().nodes.map(({ url }) => url)).toEqual([b.url])
    await a.node.ready()
    expect((await scene.directory.nodes()).length).toBe(1)
  })
})

describe('placement by balance', () => {
  it('sends the first viewers to where the broadcast is, and none that was sent here', async () => {
    const options = { placement: { mode: 'balance' } } as const
    const [a, b] = [await scene.add('a', options), await scene.add('b', options)]
    a.connect(await a.publish())
    const response = await b.watch()
    expect([response.status, new URL(response.headers.get('location') ?? '').host]).toEqual([307, 'a'])
    expect((await scene.followed(response, VIEWER_OFFER)).status).toBe(201)
  })
})

describe('the other nodes', () => {
  it('are named to clients: in 201 and 503, those of the region first, and neither full nor draining ones', async () => {
    const a = await scene.add('a', { region: 'eu', capacity: 2, alternates: 3 })
    await scene.add('far', { region: 'us' })
    await scene.add('near', { region: 'eu' })
    const leaving = await scene.add('leaving', { region: 'eu' })
    leaving.load.draining = true
    await leaving.node.ready()
    await a.node.ready()
    const link = (await a.watch()).headers.get('link') ?? ''
    const alternates = [...link.matchAll(/<([^>]*)>; rel="alternate"/g)].map(([, target]) => target)
    expect(alternates).toEqual(['http://near/whep/x', 'http://far/whep/x'])
    scene.switch.setAway('a', true)
    const refused = await a.publish()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('link')).toContain('<http://near/whip/x>; rel="alternate"')
  })

  it('are not named where there is nothing of the kind', async () => {
    const [a] = [await scene.add('a'), await scene.add('b')]
    const created = await a.publish()
    const url = `${a.url}${created.headers.get('location')}`
    const responses = [
      await scene.request(url, { method: 'POST' }),
      await scene.request(url, { method: 'DELETE' }),
      await scene.request(`${a.url}/whip/x`, { method: 'OPTIONS' }),
      await a.node.handler(bare('GET', '/whep/x')),
    ]
    for (const { headers } of responses) expect(headers.get('link') ?? '').not.toContain('alternate')
  })
})
