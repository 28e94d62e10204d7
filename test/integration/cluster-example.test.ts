/** examples/cluster as a process, on the built package: real Redis, real nodes, media over loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestPublisher, type TestViewer, testPublisher, testViewer } from '../../src/testing/index.js'
import { hasRedis } from '../support/redis-server.js'
import { waitFor } from '../support/wait-for.js'

const MAIN = fileURLToPath(new URL('../../examples/cluster/main.mjs', import.meta.url))
const START_MS = 30_000

const peers: (TestPublisher | TestViewer)[] = []
let example: Example | undefined

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()))
  example?.child.kill('SIGKILL')
  await example?.exit
  example = undefined
})

interface Example {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  output(): string
  type(line: string): void
}

function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Example {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, PORT: '0', ...env } })
  let printed = ''
  child.stdout.on('data', (data) => {
    printed += data
  })
  child.stderr.on('data', (data) => {
    printed += data
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  example = { child, exit, output: () => printed, type: (line) => child.stdin.write(`${line}\n`) }
  return example
}

/** Starts it on a machine that may be busy: no node refuses viewers for that. */
async function running(): Promise<{ run: Example; urls: string[]; pids: number[] }> {
  const run = start(['--', '--overload', 'off'])
  let hasEnded = false
  void run.exit.then(() => {
    hasEnded = true
  })
  await waitFor('the three nodes', () => hasEnded || run.output().includes('Ctrl+C'), START_MS)
  const urls = [...run.output().matchAll(/WHIP (http:\S+)\/whip\/main/g)].map(([, url]) => url as string)
  const pids = [...run.output().matchAll(/has started.*, process (\d+)/g)].map(([, pid]) => Number(pid))
  expect(urls.length, run.output()).toBe(3)
  expect(pids.length).toBe(4)
  return { run, urls, pids }
}

async function metric(url: string, series: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const offerTo = (url: string) => async (body: string) => {
  const headers = { 'content-type': 'application/sdp', connection: 'close' }
  const response = await fetch(url, { method: 'POST', headers, body })
  expect(response.status).toBe(201)
  return response.text()
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(!hasRedis)('the example cluster', () => {
  it('carries a broadcast from one node to another, outlives a node, and ends cleanly', async () => {
    const { run, urls, pids } = await running()
    const [first = '', second = '', third = ''] = urls
    for (const url of urls) {
      const nodes = () => metric(url, 'manycast_cluster_nodes{state="active"}')
      await waitFor('three nodes to know each other', async () => (await nodes()) === 3, 10_000)
    }
    peers.push(await testPublisher(offerTo(`${first}/whip/main`)))
    const viewer = await testViewer(offerTo(`${third}/whep/main`))
    peers.push(viewer)
    await viewer.whenReceived({ frames: 30, audioPackets: 30 }, { withinMs: 15_000 })
    expect(await metric(first, 'manycast_cluster_origins')).toBe(1)
    expect(await metric(third, 'manycast_cluster_relays')).toBe(1)

    run.type('k 2')
    await waitFor('node 2 to end', () => run.output().includes('node 2 has ended (SIGKILL)'))
    await expect(fetch(second)).rejects.toThrow()
    await viewer.whenReceived({ frames: 30 }, { since: viewer.received, withinMs: 15_000 })
    run.type('k 2')
    await waitFor('to be told so', () => run.output().includes('node 2 is not running'))
    run.type('s 2')
    await waitFor('node 2', () => run.output().split('node 2 has started').length === 3, START_MS)
    const again = Number(/[\s\S]*node 2 has started, process (\d+)/.exec(run.output())?.[1])
    expect((await fetch(`${second}/readyz`, { headers: { connection: 'close' } })).status).toBe(200)

    run.type('d 2')
    await waitFor('node 2 to drain', () => run.output().includes('node 2 has ended (exit code 0)'), 10_000)
    run.child.kill('SIGINT')
    expect(await run.exit).toBe(0)
    expect([...pids, again].filter(isAlive)).toEqual([])
  }, 90_000)

  it('leaves nothing behind when it is killed itself', async () => {
    const { run, pids } = await running()
    run.child.kill('SIGKILL')
    await waitFor('its processes to end', () => !pids.some(isAlive), 10_000)
  }, 60_000)
})

it('the example cluster says how to get a Redis, or that a node did not start', async () => {
  const without = start([], { PATH: '' })
  expect(await without.exit).toBe(1)
  expect(without.output()).toContain('There is no redis-server on this machine')

  const wrong = start(['--redis', 'redis://127.0.0.1:1', '--', '--placement', 'nowhere'])
  expect(await wrong.exit).toBe(1)
  expect(wrong.output()).toContain('--placement must be local or balance')
  expect(wrong.output()).toMatch(/node \d did not start/)
}, 30_000)
