/** What was written stays: a process that is killed leaves files that play, a disk that is full ends the recording and nothing else. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RecordingInfo } from '../../../src/recording/index.js'
import { mediaFiles, readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

const CHILD = fileURLToPath(new URL('../../support/recording-child.mjs', import.meta.url))
/** So much may be lost. */
const MAX_LOST_MS = 2000

/** A line that the child says. */
interface Said {
  readonly ms?: number
  readonly received?: number
  readonly error?: string
  readonly message?: string
  readonly details?: { readonly cause?: string }
  readonly ended?: RecordingInfo
}

let dir: string
let child: ChildProcess | undefined
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manycast-crash-'))
})
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(dir, { recursive: true })
})

function start(command: string, args: readonly string[]): Said[] {
  const said: Said[] = []
  child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => said.push(JSON.parse(line)))
  return said
}

it.each([
  ['webm', 'vp8'],
  ['mp4', 'avc'],
])('is killed in the middle of a recording: the %s plays up to two seconds before', async (format, codec) => {
  const said = start(process.execPath, [CHILD, dir, format])
  await waitFor('six seconds of media', () => (said.at(-1)?.ms ?? 0) > 6000)
  child?.kill('SIGKILL')
  await once(child as ChildProcess, 'exit')
  const [path] = await mediaFiles(dir)
  const { video, audio } = await readRecording(path as string)
  expect([video?.codec, audio?.codec]).toEqual([codec, 'opus'])
  const lastMs = said.at(-1)?.ms as number
  for (const track of [video, audio]) expect(track?.packets.at(-1)?.ms).toBeGreaterThan(lastMs - MAX_LOST_MS)
  // Nothing is missing up to there.
  expect(video?.packets.length).toBe(Math.round((video?.packets.at(-1)?.ms as number) / 33) + 1)
  const sidecar = (await mediaFiles(dir)).map((file) => file.replace(/-1\.\w+$/, '.json'))[0] as string
  expect(JSON.parse(await readFile(sidecar, 'utf8'))).toMatchObject({
    state: 'recording',
    segments: [{ complete: false }],
  })
})

const MOUNT = 'mount -t tmpfs -o size=1m none "$0" && exec "$1" "$2" "$0" webm'
const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0

it.skipIf(!canMount)('fills a file system of one megabyte: one clear error, and everybody else goes on', async () => {
  const said = start('unshare', ['-m', 'sh', '-c', MOUNT, dir, process.execPath, CHILD])
  await waitFor('the end', () => said.some(({ ended }) => ended !== undefined))
  expect(said.filter(({ error }) => error !== undefined)).toEqual([
    { error: 'recording-failed', message: 'recording failed: the disk is full', details: { cause: 'ENOSPC' } },
  ])
  const info = said.find(({ ended }) => ended !== undefined)?.ended
  expect(info).toMatchObject({ state: 'failed', segments: [{ complete: false }] })
  expect(info?.segments[0]?.durationMs).toBeGreaterThan(1000)
  const { received = 0 } = said.at(-1) ?? {}
  await waitFor('media goes on', () => (said.at(-1)?.received ?? 0) > received + 100)
})
