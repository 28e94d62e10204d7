/** The admin API of a real Sfu over a real HTTP server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Sfu } from '../../../src/index.js'
import { adminApi, compose, nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const KEY = 'an-admin-key-of-mine'
const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

it('lists, measures and ends what WHIP and WHEP have opened', async () => {
  const sfu = new Sfu({ workers: 0, listenIps: ['127.0.0.1'] })
  const server = createServer(nodeHttp(compose(whipWhep(sfu), adminApi(sfu, { key: KEY }))))
  closers.push(() => sfu.close())
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/sdp' }
    const response = await fetch(`${base}${path}`, { method: 'POST', headers, body })
    expect(response.status).toBe(201)
    return `${base}${response.headers.get('location')}`
  }
  const ask = (path: string, method = 'GET') =>
    fetch(`${base}/admin${path}`, { method, headers: { authorization: `Bearer ${KEY}` } })

  await open('/whip/main', PUBLISHER_OFFER)
  const viewer = await open('/whep/main', VIEWER_OFFER)
  expect((await fetch(`${base}/admin/sessions`)).status).toBe(401)
  const { total, sessions } = await (await ask('/sessions?role=viewer')).json()
  expect(total).toBe(1)
  expect(sessions[0]).toMatchObject({ broadcast: 'main', state: 'connecting', address: '127.0.0.1' })
  expect(viewer.endsWith(sessions[0].id)).toBe(true)
  expect(await (await ask(`/sessions/${sessions[0].id}/stats`)).json()).toMatchObject({ role: 'viewer' })
  expect(await (await ask('/stats')).json()).toMatchObject({ sessions: 2, broadcasts: 1 })

  expect((await ask(`/sessions/${sessions[0].id}?message=enough`, 'DELETE')).status).toBe(204)
  expect((await fetch(viewer)).status).toBe(404)
  expect((await ask('/broadcasts/main', 'DELETE')).status).toBe(204)
  expect(await (await ask('/broadcasts')).json()).toEqual({ total: 0, broadcasts: [] })
  expect(sfu.sessions()).toEqual([])
})
