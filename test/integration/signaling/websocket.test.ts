/** WebSocket signaling over real sockets, by `ws`, with peers that send and receive real media. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { Sfu } from '../../../src/broadcast/sfu.js'
import {
  type WebSocketLike,
  type WebSocketSignaling,
  type WebSocketSignalingOptions,
  webSocketSignaling,
} from '../../../src/signaling/index.js'
import { testPublisher } from '../../../src/testing/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'
import { WebSocketClient } from '../../support/websocket-client.js'

let sfu: Sfu
let server: Server
let sockets: WebSocketServer
let signaling: WebSocketSignaling
let url: string
const cleanups: (() => unknown)[] = []

async function start(options: WebSocketSignalingOptions = {}, maxPayload = 65_536) {
  signaling = webSocketSignaling(sfu, options)
  server = createServer()
  sockets = new WebSocketServer({ server, path: '/ws', maxPayload })
  sockets.on('connection', (socket, request) => signaling.accept(socket, request))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`
}

beforeEach(() => {
  sfu = new Sfu(TEST_OPTIONS)
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await signaling.close()
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  await sfu.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Publishes over a socket of its own, and streams. */
async function publish(): Promise<WebSocketClient> {
  const client = new WebSocketClient(url)
  await client.next('welcome')
  const exchange = async (sdp: string) => {
    client.send({ type: 'publish', session: 'camera', broadcast: 'stage', sdp })
    return (await client.next('answer')).sdp
  }
  const publisher = await testPublisher(exchange, { audio: false })
  cleanups.push(() => publisher.close())
  return client
}

const sequenceNumbers = (viewer: LightClient) => viewer.packets.map((packet) => packet.readUInt16BE(2))

async function moreVideo(viewer: LightClient): Promise<void> {
  const before = viewer.packets.length
  await waitFor('more video', () => viewer.packets.length >= before + 30)
}

it('carries a broadcast; a dropped socket and an ICE restart over the next one cost no packet', async () => {
  await start()
  const viewer = await LightClient.create('viewer')
  cleanups.push(() => viewer.close())
  const first = new WebSocketClient(url)
  const { resumeToken } = await first.next('welcome')
  first.send({ type: 'view', id: 1, session: 'main', broadcast: 'stage', sdp: viewer.offer })
  const answer = await first.next('answer')
  expect(answer).toMatchObject({ id: 1, role: 'viewer', broadcast: 'stage' })
  await viewer.accept(answer.sdp)
  await first.next('idle')

  const client = await publish()
  await first.next('live')
  await moreVideo(viewer)

  // The network goes, without a word to the server.
  first.socket.terminate()
  await waitFor('the socket to be gone', () => signaling.sockets === 1)
  await moreVideo(viewer)
  expect(sfu.session(answer.sessionId)?.state).toBe('connected')

  const second = new WebSocketClient(url)
  await second.next('welcome')
  second.send({ type: 'resume', resumeToken })
  expect((await second.next('resumed')).sessions).toEqual([
    { session: 'main', sessionId: answer.sessionId, role: 'viewer', broadcast: 'stage', state: 'connected' },
  ])
  await second.next('live')
  second.send({ type: 'trickle', session: 'main', fragment: viewer.fragment(true) })
  await viewer.acceptFragment((await second.next('restarted')).fragment)
  await moreVideo(viewer)
  for (const [i, number] of sequenceNumbers(viewer).entries()) {
    expect((number - (sequenceNumbers(viewer)[0] as number)) & 0xffff).toBe(i)
  }

  client.send({ type: 'bye', session: 'camera' })
  expect((await client.next('bye')).reason).toBe('closed')
  await second.next('idle')
  second.socket.close()
  await waitFor('the viewer to be gone', () => sfu.broadcasts().length === 0)
  expect(signaling.connections).toBe(1)
})

it('lets a publisher and a viewer share a socket, and counts the viewer', async () => {
  await start()
  const client = await publish()
  const viewer = await LightClient.create('viewer')
  cleanups.push(() => viewer.close())
  client.send({ type: 'view', session: 'self', broadcast: 'stage', sdp: viewer.offer })
  const { sdp } = await client.next('answer')
  await viewer.accept(sdp)
  await moreVideo(viewer)
  await waitFor('the count', async () => (await client.next('viewers')).count === 1)
  client.send({ type: 'layers', id: 'l', session: 'self' })
  expect((await client.next('layers')).layers).toMatchObject([{ mid: '0', layers: [{ live: true }] }])
})

it('asks for the token of the handshake, and refuses what is too large', async () => {
  await start({ authorize: ({ token }) => (token === 's3cret' ? {} : undefined) }, 10_000)
  const { offer } = await LightClient.create('viewer').then((viewer) => {
    viewer.close()
    return viewer
  })
  const view = { type: 'view', session: 'a', broadcast: 'stage', sdp: offer } as const
  const stranger = new WebSocketClient(url)
  await stranger.next('welcome')
  stranger.send(view)
  expect(await stranger.next('error')).toMatchObject({ session: 'a', code: 'unauthorized' })
  stranger.send({ ...view, sdp: 'x'.repeat(20_000) })
  // `ws` itself, which has not even read it.
  await waitFor('the socket to be closed', () => stranger.closeCode === 1009)
  const friend = new WebSocketClient(url, { authorization: 'Bearer s3cret' })
  await friend.next('welcome')
  friend.send(view)
  expect((await friend.next('answer')).sdp).toContain('a=sendonly')
  await signaling.close()
  await waitFor('the goodbye', () => friend.closeCode === 4410)
  expect(sfu.broadcasts()).toEqual([])
})

it('drops a socket that is dead or floods, while its media goes on until nobody has resumed in time', async () => {
  await start({ heartbeatMs: 200, resumeWithinMs: 600, messageBurst: 50 })
  await publish()
  const viewer = await LightClient.create('viewer')
  cleanups.push(() => viewer.close())
  const dead = new WebSocketClient(url)
  const { resumeToken } = await dead.next('welcome')
  dead.send({ type: 'view', session: 'main', broadcast: 'stage', sdp: viewer.offer })
  const { sdp, sessionId } = await dead.next('answer')
  await viewer.accept(sdp)

  // Nothing goes through in either direction any more, and TCP says nothing.
  dead.socket.pause()
  dead.answersPings = false
  await waitFor('the dead socket to be given up', () => signaling.sockets === 1)
  await moreVideo(viewer)

  const next = new WebSocketClient(url)
  await next.next('welcome')
  next.send({ type: 'resume', resumeToken })
  await next.next('resumed')
  for (let i = 0; i < 200; i++) next.send({ type: 'ping' })
  await waitFor('the flood to be closed', () => next.closeCode === 4429)
  expect(sfu.session(sessionId)?.state).toBe('connected')
  await waitFor('the viewer to be given up', () => sfu.session(sessionId) === undefined)

  const late = new WebSocketClient(url)
  await late.next('welcome')
  late.send({ type: 'resume', resumeToken })
  expect(await late.next('error')).toMatchObject({ code: 'session-not-found' })
})

it('takes the WebSocket of browsers and of other runtimes, by their types', () => {
  const fits = (_socket: WebSocketLike): true => true
  const standard = undefined as unknown as WebSocket
  expect(fits(standard)).toBe(true)
})
