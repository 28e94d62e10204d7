/** The examples as processes of their own, on the built package. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { type EventReader, readEvents } from '../support/event-reader.js'
import { LightClient } from '../support/light-client.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../support/offers.js'
import { waitFor } from '../support/wait-for.js'

const running: ChildProcessWithoutNullStreams[] = []

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** Starts an example and resolves with what `pattern` finds in its output. */
function start(path: string, pattern: RegExp, args: readonly string[] = []) {
  const file = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, PORT: '0' } })
  running.push(child)
  let output = ''
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const url = new Promise<string>((resolve, reject) => {
    const onData = (data: Buffer): void => {
      output += data
      const match = pattern.exec(output)
      if (match?.[1] !== undefined) resolve(match[1])
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    void exit.then(() => reject(new Error(`it ended: ${output}`)))
  })
  return { child, exit, url }
}

it('simple-server takes a publisher and ends when it is interrupted', async () => {
  const { child, exit, url } = start('simple-server/server.mjs', /WHIP: (http:\S+)\/<name>/)
  const response = await fetch(`${await url}/main`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', connection: 'close' },
    body: PUBLISHER_OFFER,
  })
  expect(response.status).toBe(201)
  expect(await response.text()).toContain('a=recvonly')
  child.kill('SIGINT')
  expect(await exit).toBe(0)
})

it('copy-paste serves its page and answers base64 with base64', async () => {
  const { child, exit, url } = start('copy-paste/server.mjs', /Open (http:\S+)/)
  const base = await url
  expect(await (await fetch(base)).text()).toContain('<h1>Copy and paste</h1>')
  const exchange = async (sdp: string) => {
    const body = Buffer.from(JSON.stringify({ type: 'offer', sdp })).toString('base64')
    const response = await fetch(new URL('/sdp', base), { method: 'POST', body })
    expect(response.status).toBe(200)
    return JSON.parse(Buffer.from(await response.text(), 'base64').toString()) as { type: string; sdp: string }
  }
  const first = await exchange(PUBLISHER_OFFER)
  expect(first.type).toBe('answer')
  expect(first.sdp).toContain('a=recvonly')
  expect((await exchange(VIEWER_OFFER)).sdp).toContain('a=sendonly')
  child.kill('SIGINT')
  expect(await exit).toBe(0)
})

it('play-from-disk plays a file, which its page pauses, resumes and restarts', async () => {
  const film = fileURLToPath(new URL('../fixtures/media/vp8.webm', import.meta.url))
  const { child, exit, url } = start('play-from-disk/server.mjs', /Open (http:\S+)/, [film])
  const base = await url
  expect(await (await fetch(base)).text()).toContain('<h1>Play from disk</h1>')
  const press = async (button: string) => {
    const response = await fetch(new URL(button, base), { method: 'POST' })
    return ((await response.json()) as { positionMs: number }).positionMs
  }
  await waitFor('it is under way', async () => (await press('/resume')) > 500)
  const pausedMs = await press('/pause')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await press('/pause')).toBe(pausedMs)
  await press('/restart')
  await press('/resume')
  await waitFor('it is at its start again', async () => (await press('/resume')) < pausedMs)
  const headers = { 'content-type': 'application/sdp', connection: 'close' }
  const response = await fetch(new URL('/whep/film', base), { method: 'POST', headers, body: VIEWER_OFFER })
  expect(response.status).toBe(201)
  child.kill('SIGINT')
  expect(await exit).toBe(0)
})

it('play-from-disk says which file is missing', async () => {
  const { url } = start('play-from-disk/server.mjs', /Open (http:\S+)/)
  await expect(url).rejects.toThrow('Which file?')
})

/** A client of custom-signaling: its stream, and the way to answer. */
async function eventClient(base: string) {
  const stream: EventReader = await readEvents(new URL('/live/main', base).href)
  closers.push(() => stream.close())
  const next = async (type: string) => {
    for (;;) {
      const message = JSON.parse(await stream.next()) as Record<string, string>
      if (message.type === type) return message
    }
  }
  const { id } = await next('hello')
  const post = async (body: BodyInit) =>
    (await fetch(new URL(`/live/main/${id}`, base), { method: 'POST', body })).status
  const send = (message: object) => post(JSON.stringify(message))
  return { stream, next, post, send, id: id as string }
}

async function lightClient(role: 'publisher' | 'viewer') {
  const client = await LightClient.create(role)
  closers.push(() => client.close())
  return client
}

it('custom-signaling carries a broadcast by server-sent events and POSTs', async () => {
  const { child, exit, url } = start('custom-signaling/server.mjs', /Open (http:\S+)/)
  const base = await url
  expect(await (await fetch(base)).text()).toContain('<h1>Signaling of one')
  const publisher = await lightClient('publisher')
  const camera = await eventClient(base)
  expect(await camera.send({ type: 'publish', sdp: publisher.offer })).toBe(204)
  await publisher.accept((await camera.next('answer')).sdp as string)
  await camera.next('live')

  const viewer = await lightClient('viewer')
  const screen = await eventClient(base)
  expect(await screen.send({ type: 'view', sdp: viewer.offer })).toBe(204)
  await viewer.accept((await screen.next('answer')).sdp as string)
  const timer = setInterval(() => publisher.sendVideo(true), 10)
  closers.push(() => clearInterval(timer))
  await waitFor('video', () => viewer.packets.length >= 30)

  expect(await screen.send({ type: 'trickle', fragment: viewer.fragment(true) })).toBe(204)
  await viewer.acceptFragment((await screen.next('restarted')).fragment as string)
  const before = viewer.packets.length
  await waitFor('more video', () => viewer.packets.length >= before + 30)

  // The stream is the session.
  screen.stream.close()
  while (((await camera.next('viewers')).count as unknown) !== 0);
  child.kill('SIGINT')
  await camera.next('closed')
  expect(await exit).toBe(0)
})

it('custom-signaling refuses what it cannot use', async () => {
  const { url } = start('custom-signaling/server.mjs', /Open (http:\S+)/)
  const base = await url
  const { post, send, next, id } = await eventClient(base)
  expect(await post('nonsense')).toBe(400)
  expect(await post('null')).toBe(400)
  expect(await send({ type: 'dance' })).toBe(400)
  expect(await send({ type: 'trickle', fragment: '' })).toBe(404)
  expect(await post(`{"sdp":"${'x'.repeat(100_000)}"}`)).toBe(413)
  expect((await fetch(new URL(`/live/main/${id}`, base), { method: 'PUT' })).status).toBe(400)
  expect((await fetch(new URL('/live/main/guessed', base), { method: 'POST', body: '{}' })).status).toBe(404)
  expect(await send({ type: 'view', sdp: VIEWER_OFFER })).toBe(204)
  expect((await next('answer')).sdp).toContain('a=sendonly')
  expect(await send({ type: 'view', sdp: VIEWER_OFFER })).toBe(400)
  expect(await send({ type: 'trickle', fragment: 'nonsense' })).toBe(400)
  expect(await send({ type: 'trickle' })).toBe(400)
  const other = await eventClient(base)
  expect(await other.send({ type: 'publish', sdp: VIEWER_OFFER })).toBe(422)
})

it('custom-signaling has an adapter of less than a hundred lines', () => {
  const text = readFileSync(new URL('../../examples/custom-signaling/adapter.mjs', import.meta.url), 'utf8')
  expect(text.split('\n').length).toBeLessThan(100)
})
