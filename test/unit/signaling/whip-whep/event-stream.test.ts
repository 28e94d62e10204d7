import { expect, it } from 'vitest'
import { EventStream, type WhepEventName } from '../../../../src/signaling/whip-whep/event-stream.js'
import { reading } from './reading.js'

const ALL: ReadonlySet<WhepEventName> = new Set(['active', 'inactive', 'layers', 'viewercount', 'reconnect'])

/** Reads a stream to the end. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text()
}

it('writes each event with its name and its data in one line', async () => {
  const stream = new EventStream(ALL)
  const body = stream.read()
  stream.tell('active', {})
  stream.tell('viewercount', { viewercount: 3 })
  stream.close()
  expect(await readAll(body)).toBe(
    'retry: 2000\n\nevent: active\ndata: {}\n\nevent: viewercount\ndata: {"viewercount":3}\n\n',
  )
})

it('passes over what is not wanted', async () => {
  const stream = new EventStream(new Set(['inactive']))
  const body = stream.read()
  stream.tell('viewercount', { viewercount: 3 })
  stream.tell('inactive', {})
  stream.close()
  expect(await readAll(body)).not.toContain('viewercount')
})

it('begins with what holds by now, the newest of each kind', async () => {
  const stream = new EventStream(ALL)
  stream.tell('active', {}, 'inactive')
  for (let viewercount = 1; viewercount <= 1000; viewercount++) stream.tell('viewercount', { viewercount })
  stream.tell('inactive', {}, 'active')
  const body = stream.read()
  stream.close()
  expect(await readAll(body)).toBe(
    'retry: 2000\n\nevent: viewercount\ndata: {"viewercount":1000}\n\nevent: inactive\ndata: {}\n\n',
  )
})

it('keeps little for a reader that is slow, and then gives it the newest', async () => {
  const stream = new EventStream(ALL)
  const body = stream.read()
  for (let i = 0; i < 100_000; i++) stream.tell('layers', { filling: 'x'.repeat(100), i })
  stream.close()
  const text = await readAll(body)
  expect(text.length).toBeLessThan(20_000)
  expect(text).toContain('"i":99999')
})

it('goes on when the slow reader has caught up', async () => {
  const stream = new EventStream(ALL)
  const { take } = reading(stream.read())
  for (let i = 0; i < 1000; i++) stream.tell('layers', { filling: 'x'.repeat(100), i })
  expect(await take()).toContain('"i":999')
  stream.tell('active', {})
  expect(await take()).toBe('event: active\ndata: {}\n\n')
})

it('cuts off the reader before when another one comes, and tells that one everything that holds', async () => {
  const readers: boolean[] = []
  const stream = new EventStream(ALL, (isThere) => readers.push(isThere))
  const first = stream.read()
  stream.tell('active', {})
  const second = stream.read()
  stream.tell('viewercount', { viewercount: 1 })
  expect(await readAll(first)).toBe('retry: 2000\n\nevent: active\ndata: {}\n\n')
  stream.close()
  expect(await readAll(second)).toContain('event: active\n')
  expect(readers).toEqual([true, false, true, false])
})

it('notices that its reader has gone, and lets another one come', async () => {
  const readers: boolean[] = []
  const stream = new EventStream(ALL, (isThere) => readers.push(isThere))
  const body = stream.read()
  await body.cancel()
  expect(readers).toEqual([true, false])
  stream.tell('active', {})
  stream.beat()
  const { take } = reading(stream.read())
  expect(await take()).toContain('event: active\n')
})

it('shows by comments that it is alive, as far as they are read', async () => {
  const stream = new EventStream(ALL)
  const { take } = reading(stream.read())
  await take()
  stream.beat()
  expect(await take()).toBe(':\n\n')
  for (let i = 0; i < 100_000; i++) stream.beat()
  expect((await take()).length).toBeLessThan(20_000)
})
