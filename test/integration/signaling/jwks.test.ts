/** Tokens of an identity provider: its keys come over HTTP, and change. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import { afterEach, expect, it } from 'vitest'
import { jwtAuthorizer, nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { fakeTarget } from '../../../src/testing/index.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('takes the tokens of the provider, fetches its keys once, and is not led elsewhere', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const stranger = generateKeyPairSync('ed25519')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] }
  let fetched = 0
  const provider = await listen(
    createServer((request, response) => {
      fetched++
      if (request.url === '/moved') response.writeHead(302, { location: '/keys' }).end()
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(keys))
    }),
  )
  const token = (key: KeyObject) =>
    new SignJWT({ manycast: { publish: 'main' } })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setExpirationTime('1m')
      .sign(key)
  const send = async (jwks: string, key: KeyObject) => {
    const url = await listen(
      createServer(nodeHttp(whipWhep(fakeTarget(), { authorize: await jwtAuthorizer({ jwks }) }))),
    )
    const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${await token(key)}` }
    const statuses: number[] = []
    for (const name of ['main', 'main', 'other']) {
      statuses.push((await fetch(`${url}/whip/${name}`, { method: 'POST', headers, body: OFFER })).status)
    }
    return statuses
  }
  expect(await send(`${provider}/keys`, privateKey)).toEqual([201, 201, 403])
  expect(fetched).toBe(1)
  expect(await send(`${provider}/keys`, stranger.privateKey)).toEqual([401, 401, 401])
  // Its faults are ours, and not the token's.
  expect(await send(`${provider}/moved`, privateKey)).toEqual([500, 500, 500])
  expect(await send('http://127.0.0.1:9/keys', privateKey)).toEqual([500, 500, 500])
})
