/** examples/save-to-disk as a process of its own, on the built package. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { testPublisher } from '../../../src/testing/index.js'
import { mediaFiles, readRecording } from '../../support/read-recording.js'
import { waitFor } from '../../support/wait-for.js'

it('save-to-disk records what is published, and completes the file when it is interrupted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'manycast-example-'))
  const script = fileURLToPath(new URL('../../../examples/save-to-disk/server.mjs', import.meta.url))
  const child = spawn(process.execPath, [script], { env: { ...process.env, PORT: '0', RECORDINGS: dir } })
  try {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data))
    await waitFor('the address', () => /Publish: \S+/.test(output))
    const url = /Publish: (\S+)/.exec(output)?.[1] as string
    const headers = { 'content-type': 'application/sdp' }
    const publisher = await testPublisher(async (body) => (await fetch(url, { method: 'POST', headers, body })).text())
    await waitFor('a file', () => output.includes('Writing'))
    child.kill('SIGINT')
    await once(child, 'exit')
    expect(output).toMatch(/Complete: \S+-1\.webm, [\d.]+ s, \d+ bytes/)
    const [path] = await mediaFiles(dir)
    expect((await readRecording(path as string)).video?.codec).toBe('vp8')
    const sidecar = (path as string).replace('-1.webm', '.json')
    expect(JSON.parse(await readFile(sidecar, 'utf8'))).toMatchObject({ broadcast: 'main', state: 'ended' })
    await publisher.close()
  } finally {
    child.kill('SIGKILL')
    await rm(dir, { recursive: true })
  }
})
