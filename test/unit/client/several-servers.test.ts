/** Several servers: which one is asked when. */
import { expect, it } from 'vitest'
import { type PublishOptions, publish } from '../../../src/client/index.js'
import { connect, deferred, FakeConnection, FakeStream, fakeBrowser, pass, problem } from './fake-browser.js'

const browser = fakeBrowser()

const A = 'https://a.test/whip/x'
const B = 'https://b.test/whip/x'

function session(urls: readonly string[] = [A, B], options: PublishOptions = {}) {
  return publish(new FakeStream([{ kind: 'video' }]) as unknown as MediaStream, urls, options)
}

/** Where the offers went. */
const asked = () => browser.server.requestsBy('POST').map(({ host }) => host)

it('the next one is asked when one does not answer, and the first again after the last', async () => {
  browser.server.downHosts.add('a.test')
  const publisher = session()
  await connect()
  expect([publisher.state, asked()]).toEqual(['connecting', []])
  await pass(125)
  await connect()
  expect([publisher.state, asked()]).toEqual(['connected', ['b.test']])
  browser.server.downHosts.clear()
  FakeConnection.last.become('failed')
  browser.server.sessions.clear()
  await pass(2000)
  expect(asked()).toEqual(['b.test', 'a.test'])
})

it('one is not waited for because another one wants it so', async () => {
  browser.server.before = ({ method, host }) =>
    method === 'POST' && host === 'a.test' ? problem(503, 'overloaded', { 'retry-after': '60' }) : undefined
  const publisher = session()
  await pass(125)
  await connect()
  expect([publisher.state, asked()]).toEqual(['connected', ['a.test', 'b.test']])
})

it('a single one is waited for as it says', async () => {
  browser.server.before = () => problem(503, 'overloaded', { 'retry-after': '60' })
  session([A])
  await pass(59_000)
  expect(asked()).toEqual(['a.test'])
  await pass(1000)
  expect(asked()).toEqual(['a.test', 'a.test'])
})

it('others are learned from the one that answers', async () => {
  browser.server.created = { etag: '"x"', link: '<https://c.test/whip/x>; rel="alternate", </whip/y>; rel="alternate"' }
  const publisher = session([A])
  const first = await connect()
  browser.server.downHosts.add('a.test')
  first.become('failed')
  await pass(125)
  await connect()
  expect([publisher.state, asked()]).toEqual(['connected', ['a.test', 'c.test']])
})

it('a server that falls silent and cannot be reached is left at once where there is another one', async () => {
  const publisher = session()
  const first = await connect()
  first.bytes = 1
  await pass(1000)
  browser.server.downHosts.add('a.test')
  // Two looks without anything new, and the shortest wait.
  await pass(2125)
  await connect()
  expect([publisher.state, asked()]).toEqual(['connected', ['a.test', 'b.test']])
})

it('a publisher goes over to another one when its server asks for that', async () => {
  browser.server.created = {
    etag: '"x"',
    link: '</events>; rel="urn:ietf:params:whip:ext:core:server-sent-events"; events="reconnect"',
  }
  const told = deferred<Response>()
  browser.server.before = ({ path, host }) => {
    if (path === '/events') return new Response(null, { status: 201, headers: { location: '/events/1' } })
    if (path === '/events/1') return host === 'a.test' ? told.promise : new Response('')
    return undefined
  }
  const publisher = session([A, B], { serverEvents: true })
  const states: string[] = []
  publisher.on('state', (state) => states.push(state))
  const first = await connect()
  told.resolve(new Response('event: reconnect\ndata: {}\n\n'))
  const next = await connect()
  expect(next).not.toBe(first)
  await pass(900)
  expect(first.isClosed).toBe(false)
  await pass(100)
  expect([first.isClosed, publisher.connection, states]).toEqual([true, next, ['connected']])
  await publisher.close()
})

it('none is a TypeError', () => {
  expect(() => session([])).toThrow(TypeError)
})
