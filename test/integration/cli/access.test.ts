/** The server of the command with keys and tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { AccessArguments } from '../../../src/cli/access-arguments.js'
import { type RunningServer, serve } from '../../../src/cli/serve.js'
import { fakeTarget } from '../../../src/testing/index.js'

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n'
const KEY = 'a-publish-key-of-mine'
const SECRET = 'a secret of at least thirty-two bytes'
const running: RunningServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function start(access: AccessArguments) {
  const target = fakeTarget()
  const sfu = {
    ...target,
    ready: async () => {},
    broadcasts: () => [],
    stats: async () => ({ shards: [] }),
    close: async () => {},
  }
  const server = await serve(sfu, { host: '127.0.0.1', port: 0, access })
  running.push(server)
  const status = async (method: string, path: string, token?: string) => {
    const headers = { 'content-type': 'application/sdp', ...(token && { authorization: `Bearer ${token}` }) }
    const body = method === 'POST' ? OFFER : null
    return (await fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers, body })).status
  }
  return { server, target, status }
}

function token(manycast: object, key: Parameters<SignJWT['sign']>[0], alg: string) {
  return new SignJWT({ manycast }).setProtectedHeader({ alg }).setExpirationTime('1m').setAudience('live').sign(key)
}

describe('manycast serve', () => {
  it('is open to everybody without options', async () => {
    const { server, status } = await start({})
    expect(await status('POST', '/whip/main')).toBe(201)
    expect(await status('POST', '/sdp')).toBe(200)
    expect(server.protectsPublishing).toBe(false)
  })

  it('wants the key of publishers only', async () => {
    const { server, status } = await start({ publishKey: KEY })
    expect(server.protectsPublishing).toBe(true)
    expect(await status('POST', '/whip/main')).toBe(401)
    expect(await status('POST', '/whip/main', 'another-key-altogether')).toBe(401)
    expect(await status('POST', '/sdp')).toBe(401)
    expect(await status('POST', '/whip/main', KEY)).toBe(201)
    expect(await status('POST', '/whep/main')).toBe(201)
    expect(await status('GET', '/api/broadcasts')).toBe(200)
    expect(await status('GET', '/publish/main')).toBe(200)
  })

  it('wants tokens of everybody, and takes the key of publishers beside them', async () => {
    const { status } = await start({ publishKey: KEY, tokenSecret: SECRET })
    const key = new TextEncoder().encode(SECRET)
    expect(await status('POST', '/whep/main')).toBe(401)
    expect(await status('POST', '/whep/main', KEY)).toBe(401)
    expect(await status('POST', '/whep/main', await token({ view: 'main' }, key, 'HS256'))).toBe(201)
    expect(await status('POST', '/whip/main', await token({ view: 'main' }, key, 'HS256'))).toBe(403)
    expect(await status('POST', '/whip/main', await token({ publish: 'main' }, key, 'HS256'))).toBe(201)
    expect(await status('POST', '/whip/main', KEY)).toBe(201)
    expect(await status('DELETE', '/whip/main/session-2', KEY)).toBe(200)
    expect(await status('GET', '/api/broadcasts')).toBe(401)
    expect(await status('GET', '/api/broadcasts', await token({ view: true }, key, 'HS256'))).toBe(200)
    expect(await status('GET', '/publish/main')).toBe(200)
  })

  it('takes tokens by a key set in a file', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const folder = mkdtempSync(join(tmpdir(), 'manycast-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'keys.json')
    writeFileSync(path, JSON.stringify({ keys: [await exportJWK(publicKey)] }))
    const signed = await token({ publish: true }, privateKey, 'ES256')
    expect(await (await start({ jwks: path, tokenAudience: ['live'] })).status('POST', '/whip/main', signed)).toBe(201)
    expect(await (await start({ jwks: path, tokenAudience: ['x'] })).status('POST', '/whip/main', signed)).toBe(401)
    await expect(start({ jwks: `${path}.none` })).rejects.toThrow('cannot read')
  })
})
