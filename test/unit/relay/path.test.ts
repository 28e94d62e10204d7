/** Which nodes the media come through: what is written, what is refused, and what happens when it changes. */
import { describe, expect, it } from 'vitest'
import { checkRelayPath, formatRelayPath, isNodeId, parseRelayPath } from '../../../src/relay/relay-path.js'
import { FakeRelayTarget } from './fake-relay-target.js'
import { FakeServers } from './fake-server.js'
import { pullScene, pushScene, settle } from './relay-scene.js'

const nodes = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`)

describe('the header', () => {
  it('is a list of nodes', () => {
    expect(parseRelayPath('a')).toEqual(['a'])
    expect(parseRelayPath('a.b_c~D-9,\tb , c')).toEqual(['a.b_c~D-9', 'b', 'c'])
    expect(parseRelayPath(formatRelayPath(['a', 'b']))).toEqual(['a', 'b'])
    expect(parseRelayPath(nodes(32).join(','))).toHaveLength(32)
  })

  it.each(['', ',', 'a,', 'a b', 'a;b', '"a"', 'ä', 'a\u0000', 'x'.repeat(65), nodes(33).join(','), ' '.repeat(5000)])(
    'is none: %j',
    (value) => expect(parseRelayPath(value)).toBeUndefined(),
  )

  it('names 32 nodes at most, the last ones', () => {
    expect(parseRelayPath(formatRelayPath(nodes(40)))).toEqual(nodes(40).slice(8))
  })

  it('is one of names that are names', () => {
    expect(['a', 'x'.repeat(64)].every(isNodeId)).toBe(true)
    expect([undefined, 7, '', 'x'.repeat(65), 'a,b'].some(isNodeId)).toBe(false)
  })
})

describe('a path', () => {
  it('may not come back to where it was, nor be too long', () => {
    expect(() => checkRelayPath([], 'a', 1)).not.toThrow()
    expect(() => checkRelayPath(['b', 'c'], 'a', 2)).not.toThrow()
    expect(() => checkRelayPath(['a', 'c'], 'a', 1)).toThrow(expect.objectContaining({ code: 'relay-loop' }))
    expect(() => checkRelayPath(['b', 'c'], 'a', 1)).toThrow(expect.objectContaining({ code: 'relay-too-deep' }))
  })
})

describe('a pull', () => {
  it.each([
    ['relay-loop', 'origin, self, up'],
    ['relay-too-deep', nodes(9).join(', ')],
  ])('is refused by itself with %s, and leaves nothing there', async (code, path) => {
    const servers = new FakeServers()
    servers.paths.set('up.test', path)
    const { relay, target, states, delays } = await pullScene({ servers })
    expect(relay.error).toMatchObject({ code, details: { path: path.split(', ') } })
    expect(states).toEqual([])
    expect(target.answers).toEqual([])
    expect(target.session.state).toBe('closed')
    expect(servers.sessions.size).toBe(0)
    // Where the media come from may be another way tomorrow.
    expect(delays).toEqual([125])
  })

  it.each(['relay-loop', 'relay-too-deep'])('that the other server refuses with %s says so', async (code) => {
    const servers = new FakeServers()
    const body = JSON.stringify({ code, detail: 'no', details: { path: ['a', 'self'] } })
    servers.answer = () => new Response(body, { status: 508 })
    const { relay, delays } = await pullScene({ servers })
    expect(relay.error).toMatchObject({ code, details: { path: ['a', 'self'] } })
    expect(delays).toHaveLength(1)
  })

  it('from a server of another make has no path', async () => {
    const { relay, target } = await pullScene()
    expect(relay.path).toEqual([])
    expect(target.session.path).toEqual([])
  })

  it('learns a path that changes, by asking', async () => {
    const servers = new FakeServers()
    servers.paths.set('up.test', 'origin, up')
    const { relay, target, states, pass } = await pullScene({ servers })
    const paths: (readonly string[])[] = []
    relay.on('path', (path) => paths.push(path))
    await pass(5500)
    expect(servers.last('GET').headers.get('manycast-path')).toBe('self')
    servers.paths.set('up.test', 'other, up')
    await pass(10_000)
    expect(paths).toEqual([['other', 'up']])
    expect(target.session.path).toEqual(['other', 'up'])
    expect(states).toEqual(['connected'])
  })

  it.each([
    ['relay-loop', 'self, up'],
    ['relay-too-deep', nodes(9).join(', ')],
  ])('that comes to be wrong later is cut off with %s, and tried again later', async (code, path) => {
    const servers = new FakeServers()
    const { target, states, pass } = await pullScene({ servers })
    servers.paths.set('up.test', path)
    await pass(5100)
    expect(target.sessions[0]?.state).toBe('closed')
    expect(states).toEqual(['connected', `reconnecting ${code}`])
    servers.paths.set('up.test', 'origin, up')
    await pass(1000)
    expect(states.at(-1)).toBe('connected')
  })

  it('tells when another upstream has another path', async () => {
    const servers = new FakeServers()
    servers.paths.set('next.test', 'origin, next')
    const { relay } = await pullScene({ servers })
    const paths: (readonly string[])[] = []
    relay.on('path', (path) => paths.push(path))
    await relay.switchTo('https://next.test/whep/show')
    expect(paths).toEqual([['origin', 'next']])
    expect(relay.path).toEqual(['origin', 'next'])
  })
})

describe('a push', () => {
  it('to where its media come from is refused by itself', async () => {
    const target = new FakeRelayTarget()
    target.upstream = ['there', 'edge']
    const servers = new FakeServers()
    servers.paths.set('up.test', 'there')
    const { relay } = await pushScene({ target, servers })
    expect(relay.error?.code).toBe('relay-loop')
    expect(servers.sessions.size).toBe(0)
  })

  it('says it anew when its media come by another way, by a session that takes the place of the first', async () => {
    const { target, servers, states, pass } = await pushScene()
    target.upstream = ['origin']
    await pass(5600)
    expect(servers.of('POST')).toHaveLength(2)
    expect(servers.last('POST').headers.get('manycast-path')).toBe('origin, self')
    expect(target.sessions.map(({ state }) => state)).toEqual(['closed', 'connected'])
    expect(states).toEqual(['connected'])
    await pass(20_000)
    expect(servers.of('POST')).toHaveLength(2)
  })

  it('whose media come to be those of the other server is cut off', async () => {
    const servers = new FakeServers()
    servers.paths.set('up.test', 'there')
    const { target, states, pass } = await pushScene({ servers })
    target.upstream = ['there']
    await pass(5100)
    expect(target.sessions[0]?.state).toBe('closed')
    expect(states).toEqual(['connected', 'reconnecting relay-loop'])
  })

  it('that is refused by its new way is cut off, too', async () => {
    const servers = new FakeServers()
    const { target, states, pass } = await pushScene({ servers })
    target.upstream = nodes(3)
    const body = JSON.stringify({ code: 'relay-too-deep' })
    servers.answer = ({ method }) => (method === 'POST' ? new Response(body, { status: 508 }) : undefined)
    await pass(5600)
    expect(target.sessions[0]?.state).toBe('closed')
    expect(states).toEqual(['connected', 'reconnecting relay-too-deep'])
  })
})

it('a relay that was closed asks for nothing more', async () => {
  const { relay, servers, pass } = await pullScene()
  await relay.close()
  await settle()
  const count = servers.seen.length
  await pass(20_000)
  expect(servers.seen).toHaveLength(count)
})
