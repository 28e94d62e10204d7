/** WebSockets on the port of the command. */
import { createServer } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningServer, type ServeOptions, serve } from '../../../src/cli/serve.js'
import { acceptWebSockets } from '../../../src/cli/web-socket-server.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { VIEWER_OFFER } from '../../support/offers.js'
import { waitFor } from '../../support/wait-for.js'
import { WebSocketClient } from '../../support/websocket-client.js'

const running: RunningServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function start(options: Partial<ServeOptions> = {}) {
  const { sfu } = fakeSfu()
  const server = await serve(sfu, { host: '127.0.0.1', port: 0, webSocket: true, ...options })
  running.push(server)
  return { sfu, server, url: `ws://127.0.0.1:${server.port}` }
}

/** The status that an upgrade is refused with. */
function refusal(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.on('error', () => {})
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('open', () => resolve(undefined))
  })
}

it('answers offers at /ws, beside the pages', async () => {
  const { sfu, server, url } = await start()
  const client = new WebSocketClient(`${url}/ws`)
  await waitFor('it is open', () => client.socket.readyState === WebSocket.OPEN)
  client.send({ type: 'view', id: 1, session: 'mine', broadcast: 'main', sdp: VIEWER_OFFER })
  expect((await client.next('answer')).sdp).toContain('v=0')
  expect(sfu.sessions()).toHaveLength(1)
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(200)
})

it('asks for leave as the other ways do', async () => {
  const { url } = await start({ access: { publishKey: 'a-publish-key-of-mine' } })
  const client = new WebSocketClient(`${url}/ws`)
  await waitFor('it is open', () => client.socket.readyState === WebSocket.OPEN)
  client.send({ type: 'publish', id: 1, session: 'mine', broadcast: 'main', sdp: VIEWER_OFFER })
  await expect(client.next('answer')).rejects.toThrow('unauthorized')
})

it('refuses other paths, and everything without --websocket', async () => {
  const { url } = await start()
  expect(await refusal(`${url}/`)).toBe(404)
  expect(await refusal(`${url}/ws/more`)).toBe(404)
  const without = await start({ webSocket: false })
  expect(await refusal(`${without.url}/ws`)).not.toBeUndefined()
})

it('says goodbye when the server ends, and does not wait for those that do not answer', async () => {
  const { server, url } = await start()
  const [polite, deaf] = [new WebSocketClient(`${url}/ws`), new WebSocketClient(`${url}/ws`)]
  await waitFor('both are open', () => [polite, deaf].every(({ socket }) => socket.readyState === WebSocket.OPEN))
  deaf.socket.pause()
  await server.close()
  await waitFor('the polite one is told', () => polite.closeCode !== undefined)
  deaf.socket.terminate()
})

it('says which package is missing', async () => {
  const signaling = { accept: () => ({}) as never, close: async () => {} }
  const accept = acceptWebSockets(createServer(), signaling, () => Promise.reject(new Error('not found')))
  await expect(accept).rejects.toMatchObject({ code: 'package-missing', details: { package: 'ws' } })
})
