/** WHIP and WHEP over real connections, with real peers: one session from its offer over an ICE restart to its end. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Sfu } from '../../../src/index.js'
import { nodeHttp, whipWhep } from '../../../src/signaling/index.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag'

let sfu: Sfu
let server: Server
let base: string
const clients: LightClient[] = []

beforeEach(async () => {
  sfu = new Sfu({ workers: 0, listenIps: ['127.0.0.1'] })
  server = createServer(nodeHttp(whipWhep(sfu, { requireLive: true })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await sfu.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function join(protocol: 'whip' | 'whep') {
  const client = await LightClient.create(protocol === 'whip' ? 'publisher' : 'viewer')
  clients.push(client)
  const headers = { 'content-type': 'application/sdp' }
  const created = await fetch(`${base}/${protocol}/main`, { method: 'POST', headers, body: client.offer })
  expect(created.status).toBe(201)
  await client.accept(await created.text())
  const url = `${base}${created.headers.get('location')}`
  return { client, url, tag: created.headers.get('etag') ?? '', links: created.headers.get('link') ?? '' }
}

const patch = (url: string, body: string, tag: string) =>
  fetch(url, { method: 'PATCH', headers: { 'content-type': FRAGMENT_TYPE, 'if-match': tag }, body })

it('goes from the offer over an ICE restart and a layer selection to the end', async () => {
  const early = await LightClient.create('viewer')
  clients.push(early)
  const headers = { 'content-type': 'application/sdp' }
  const refused = await fetch(`${base}/whep/main`, { method: 'POST', headers, body: early.offer })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, '5'])

  const publisher = await join('whip')
  await waitFor('live', () => sfu.broadcast('main').live)
  const viewer = await join('whep')
  let frame = 0
  const streaming = setInterval(() => publisher.client.sendVideo(frame++ % 10 === 0), 20)
  await waitFor('video', () => viewer.client.packets.length >= 10)

  const eventsUrl = /<([^>]*)>; rel="urn:ietf:params:whep:ext:core:server-sent-events"/.exec(viewer.links)?.[1]
  const opened = await fetch(`${base}${eventsUrl}`, { method: 'POST' })
  const stream = await fetch(`${base}${opened.headers.get('location')}`)
  let events = ''
  const read = (async () => {
    for await (const chunk of stream.body ?? []) events += new TextDecoder().decode(chunk)
  })()
  await waitFor('the layers', () => /event: layers\ndata: .*"bitrate":\d+/.test(events))
  expect(events).toContain('event: active\ndata: {}\n')
  expect(events).toContain('event: viewercount\ndata: {"viewercount":1}\n')
  expect(JSON.parse(/event: layers\ndata: (.*)/.exec(events)?.[1] ?? '')).toMatchObject({
    '0': [{ spatialLayerId: 0, temporalLayerId: 0 }],
  })

  for (const { client, url, tag } of [publisher, viewer]) {
    expect((await patch(url, client.fragment(), tag)).status).toBe(204)
    const restarted = await patch(url, client.fragment(true), '*')
    expect(restarted.status).toBe(200)
    await client.acceptFragment(await restarted.text())
    expect((await patch(url, client.fragment(), tag)).status).toBe(412)
    expect((await patch(url, client.fragment(), restarted.headers.get('etag') ?? '')).status).toBe(204)
  }
  const before = viewer.client.packets.length
  await waitFor('more video', () => viewer.client.packets.length >= before + 20)

  const select = (body: object) =>
    fetch(`${viewer.url}/layer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await select({ mediaId: '0', maxHeight: 360 })).status).toBe(200)
  expect((await select({ mediaId: '0', rid: 'none' })).status).toBe(422)

  clearInterval(streaming)
  expect((await fetch(publisher.url, { method: 'DELETE' })).status).toBe(200)
  await waitFor('the end of the publication', () => events.includes('event: inactive\n'))
  expect((await fetch(viewer.url, { method: 'DELETE' })).status).toBe(200)
  await read
  expect(sfu.broadcasts().flatMap(({ viewers }) => viewers)).toEqual([])
})
