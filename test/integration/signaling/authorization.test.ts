/** Authorization over a real HTTP server: tokens, addresses, proxies. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type Authorize, type NodeHttpOptions, nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function start(authorize: Authorize, options: NodeHttpOptions = {}) {
  const target = fakeTarget()
  const server = createServer(nodeHttp(whipWhep(target, { authorize }), options))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/whip/main`
  const post = (headers: Record<string, string>) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp', ...headers }, body: OFFER })
  return { target, post, url }
}

it('lets in who has the token, and ends a session only for who has it', async () => {
  const { target, post, url } = await start(({ token }) => (token === 's3cret' ? {} : undefined))
  const refused = await post({})
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="manycast"'])
  const opened = await post({ authorization: 'Bearer s3cret' })
  expect(opened.status).toBe(201)
  const session = new URL(opened.headers.get('location') ?? '', url)
  expect((await fetch(session, { method: 'DELETE' })).status).toBe(401)
  expect(target.sessions).toHaveLength(1)
  expect((await fetch(session, { method: 'DELETE', headers: { authorization: 'Bearer s3cret' } })).status).toBe(200)
  expect(target.sessions).toHaveLength(0)
})

it('knows the address of the connection, and believes a proxy only if told so', async () => {
  const seen: (string | undefined)[] = []
  const authorize: Authorize = ({ address }) => {
    seen.push(address)
    return {}
  }
  const direct = await start(authorize)
  const forwarded = { 'x-forwarded-for': '1.1.1.1, 203.0.113.9' }
  expect((await direct.post(forwarded)).status).toBe(201)
  const proxied = await start(authorize, { trustProxy: true })
  expect((await proxied.post(forwarded)).status).toBe(201)
  expect(seen).toEqual(['127.0.0.1', '203.0.113.9'])
  expect(direct.target.calls[0]?.context.address).toBe('127.0.0.1')
  expect(proxied.target.calls[0]?.context.address).toBe('203.0.113.9')
})
