/** An edge and its origins as processes of their own, one of which is killed. Runs the example. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { type TestPacket, testPublisher, testViewer } from '../../../src/testing/index.js'
import { waitFor } from '../../support/wait-for.js'

/** A bound for what takes as long as the machine takes. */
const SOON = { withinMs: 20_000 }

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Running {
  readonly url: string
  output(): string
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts an example and waits for the address that it serves at. */
async function start(script: string, ...args: string[]): Promise<Running> {
  const file = fileURLToPath(new URL(`../../../examples/${script}`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, PORT: '0' } })
  let output = ''
  const onData = (chunk: Buffer): void => {
    output += chunk
  }
  child.stdout.on('data', onData)
  child.stderr.on('data', onData)
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const stop = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  closers.push(() => stop('SIGKILL'))
  const address = (): string | undefined => /WH[IE]P: (http:\/\/[\d.]+:\d+)\//.exec(output)?.[1]
  await waitFor('the address', () => address() !== undefined || child.exitCode !== null)
  const url = address()
  if (url === undefined) throw new Error(output)
  return { url, output: () => output, stop }
}

const exchange = (url: string) => async (offer: string) => {
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(url, { method: 'POST', headers, body: offer })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
  return response.text()
}

/** An origin with a publisher. */
async function origin(): Promise<Running> {
  const server = await start('simple-server/server.mjs')
  const publisher = await testPublisher(exchange(`${server.url}/whip/main`))
  closers.push(() => publisher.close())
  return server
}

it('viewers of an edge go on when its origin is killed, with the same stream', async () => {
  const [first, second] = [await origin(), await origin()]
  const edge = await start('relay/edge.mjs', first.url, second.url)
  await waitFor('the relay', () => edge.output().includes(`come from ${first.url}/`))
  const packets: TestPacket[] = []
  const onPacket = (packet: TestPacket) => void (packet.kind === 'video' && packets.push(packet))
  const viewer = await testViewer(exchange(`${edge.url}/whep/main`), { onPacket })
  closers.push(() => viewer.close())
  await viewer.whenReceived({ frames: 15 }, SOON)
  await first.stop('SIGKILL')
  // The keyframe of the other origin may be here before the edge says where its media come from.
  const killed = viewer.received
  await waitFor('the other origin', () => edge.output().includes(`come from ${second.url}/`), 20_000)
  await viewer.whenReceived({ frames: 15, keyframes: 1 }, { ...SOON, since: killed })
  expect(viewer.state).toBe('connected')
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [i, packet] of packets.entries()) {
    const previous = packets[i - 1]
    if (previous) expect((packet.seq - previous.seq) & 0xffff).toBe(1)
  }
})

it('the example needs to know a server, lets nobody publish, and ends when it is interrupted', async () => {
  await expect(start('relay/edge.mjs')).rejects.toThrow('Whose broadcast?')
  const edge = await start('relay/edge.mjs', 'http://127.0.0.1:9')
  const headers = { 'content-type': 'application/sdp', connection: 'close' }
  const response = await fetch(`${edge.url}/whip/main`, { method: 'POST', headers, body: 'v=0' })
  expect(response.status).toBe(401)
  expect(await edge.stop('SIGINT')).toBe(0)
})
