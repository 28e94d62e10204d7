/** Recordings over HTTP: listed, played in parts, and nothing else of the disk. */
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { recordBroadcasts } from '../../../src/cli/record-broadcasts.js'
import { recordingsApi } from '../../../src/cli/recordings-api.js'
import { BroadcastError, Sfu } from '../../../src/index.js'
import type { Authorize } from '../../../src/signaling/index.js'
import { testPublisher } from '../../../src/testing/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { mediaFiles, readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

let dir: string
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'manycast-library-')), 'recordings')
  await mkdir(dir)
})
afterEach(() => rm(join(dir, '..'), { recursive: true }))

const BYTES = Buffer.from('0123456789')

async function put(id: string, broadcast: string, startedUnixMs = 0, file = `${id}-1.webm`) {
  const segments = [{ file, format: 'webm', durationMs: 5000, bytes: 10, complete: true, tracks: [] }]
  const startedAt = new Date(startedUnixMs).toISOString()
  const info = { version: 1, broadcast, state: 'ended', startedAt, startedUnixMs, segments, gaps: [] }
  await writeFile(join(dir, `${id}.json`), JSON.stringify(info))
  if (!file.includes('/')) await writeFile(join(dir, file), BYTES)
}

const get = (path: string, headers: Record<string, string> = {}, authorize?: Authorize, method = 'GET') =>
  recordingsApi(dir, { authorize })(new Request(`http://x${path}`, { headers, method }))

it('lists recordings, newest first, and one of them', async () => {
  await put('a', 'stage', 1000)
  await put('b', 'hall', 2000)
  await writeFile(join(dir, 'other.json'), '{"mine":true}')
  await writeFile(join(dir, 'broken.json'), '{')
  const list = (await (await get('/api/recordings')).json()) as { id: string }[]
  expect(list.map(({ id }) => id)).toEqual(['b', 'a'])
  expect(await (await get('/api/recordings/a')).json()).toEqual({
    id: 'a',
    broadcast: 'stage',
    state: 'ended',
    startedAt: '1970-01-01T00:00:01.000Z',
    files: [{ file: 'a-1.webm', durationMs: 5000, bytes: 10, complete: true }],
  })
  expect((await get('/api/recordings/other')).status).toBe(404)
})

it('says of a recording whose process is gone that it has failed', async () => {
  await put('a', 'stage')
  const path = join(dir, 'a.json')
  const state = async () => ((await (await get('/api/recordings/a')).json()) as { state: string }).state
  await writeFile(path, (await readFile(path, 'utf8')).replace('"ended"', '"recording"'))
  expect(await state()).toBe('recording')
  const then = new Date(Date.now() - 61_000)
  await utimes(path, then, then)
  expect(await state()).toBe('failed')
})

it.each([
  [undefined, 200, '0123456789', null],
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=7-100', 206, '789', 'bytes 7-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=-0', 416, '', 'bytes */10'],
  ['bytes=4-2', 200, '0123456789', null],
  ['bytes=0-1,3-4', 200, '0123456789', null],
  ['lines=1', 200, '0123456789', null],
])('answers Range %j with %d', async (range, status, body, contentRange) => {
  await put('a', 'stage')
  const response = await get('/recordings/a-1.webm', range === undefined ? {} : { range })
  expect([response.status, await response.text()]).toEqual([status, body])
  expect(response.headers.get('content-range')).toBe(contentRange)
  if (status < 300) {
    expect(response.headers.get('content-length')).toBe(String(body.length))
    expect(response.headers.get('content-type')).toBe('video/webm')
    expect(response.headers.get('accept-ranges')).toBe('bytes')
  }
})

it('answers HEAD without a body, and nothing but GET and HEAD', async () => {
  await put('a', 'stage')
  const head = await get('/recordings/a-1.webm', {}, undefined, 'HEAD')
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', ''])
  expect((await get('/recordings/a-1.webm', {}, undefined, 'DELETE')).status).toBe(405)
})

it('serves files of recordings only, whatever the name', async () => {
  await put('a', 'stage')
  await put('evil', 'stage', 0, '../secret.webm')
  await put('hidden', 'stage', 0, '.hidden.webm')
  await put('wrong', 'stage', 0, 'passwd')
  await writeFile(join(dir, '..', 'secret.webm'), 'secret')
  await symlink(join(dir, '..', 'secret.webm'), join(dir, 'link.webm'))
  const names = ['../secret.webm', '..%2Fsecret.webm', '%2e%2e/secret.webm', '.hidden.webm', 'passwd', 'link.webm']
  for (const name of [...names, 'a.json', '', 'a-1.webm/', 'a-1.webm%00']) {
    const response = await get(`/recordings/${name}`)
    expect([name, response.status, await response.text()]).toEqual([name, 404, ''])
  }
})

it('asks the same leave as for watching', async () => {
  await put('a', 'stage')
  await put('b', 'hall')
  const authorize: Authorize = ({ action, broadcast, token }) => {
    if (token !== 'key') throw new BroadcastError('unauthorized', 'no')
    if (action !== 'view' || broadcast !== 'stage') throw new BroadcastError('forbidden', 'no')
    return {}
  }
  const key = { authorization: 'Bearer key' }
  const status = async (path: string, headers?: Record<string, string>) => (await get(path, headers, authorize)).status
  expect(await status('/recordings/a-1.webm')).toBe(401)
  expect(await status('/recordings/none.webm')).toBe(401)
  expect(await status('/recordings/a-1.webm', key)).toBe(200)
  expect(await status('/recordings/a-1.webm?token=key')).toBe(200)
  expect(await status('/recordings/b-1.webm', key)).toBe(403)
  expect(await status('/api/recordings/a', key)).toBe(200)
  expect(await status('/api/recordings', key)).toBe(403)
})

it('records every broadcast while somebody publishes', async () => {
  const sfu = new Sfu(TEST_OPTIONS)
  const said: string[] = []
  const recordings = recordBroadcasts(sfu, { dir, format: 'webm' }, (text) => said.push(text))
  const publish = (name: string) => testPublisher(async (offer) => (await sfu.publish(offer, { broadcast: name })).sdp)
  const publishers = [await publish('stage'), await publish('hall')]
  await waitFor('both recordings', () => recordings.isRecording('stage') && recordings.isRecording('hall'))
  await waitFor('both files', async () => (await mediaFiles(dir)).length === 2)
  await sfu.broadcast('hall').close()
  await waitFor('the end of one', () => !recordings.isRecording('hall'))
  await recordings.close()
  expect(recordings.isRecording('stage')).toBe(false)
  for (const path of await mediaFiles(dir)) expect((await readRecording(path)).video?.packets.length).toBeGreaterThan(0)
  const list = (await (await get('/api/recordings')).json()) as { broadcast: string; state: string }[]
  expect(list.map(({ broadcast, state }) => `${broadcast} ${state}`).sort()).toEqual(['hall ended', 'stage ended'])
  expect(said.filter((text) => /^stage: recording to .*stage-\S+-1\.webm\n$/.test(text))).toHaveLength(1)
  expect(said.filter((text) => /^hall: recorded [\d.]+ s to /.test(text))).toHaveLength(1)
  await Promise.all(publishers.map((publisher) => publisher.close()))
  await sfu.close()
})
