/** `manycast conformance` as a user runs it, against our own server with everything that it has. */
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Sfu } from '../../../src/index.js'
import { nodeHttp, turnRestServer, whipWhep } from '../../../src/signaling/index.js'
import { startCli } from '../../support/cli-server.js'
import { LightClient } from '../../support/light-client.js'

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const TOKEN = 'a-token'

let sfu: Sfu
let server: Server
let base: string

beforeAll(async () => {
  sfu = new Sfu({ workers: 0, listenIps: ['127.0.0.1'] })
  const handler = whipWhep(sfu, {
    authorize: ({ token }) => (token === TOKEN ? {} : undefined),
    iceServers: () => [
      { urls: 'stun:stun.example.org' },
      turnRestServer({ urls: 'turn:turn.example.org', secret: 's' }),
    ],
    requireLive: true,
  })
  server = createServer(nodeHttp(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await sfu.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function conformance(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, 'conformance', ...args])
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    output.stdout += data
  })
  child.stderr.on('data', (data) => {
    output.stderr += data
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })))
}

async function unusedPort(): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  return port
}

/** Publishes to the broadcast that viewers are tested with. */
async function publish(): Promise<LightClient> {
  const client = await LightClient.create('publisher')
  await client.accept((await sfu.broadcast('conformance').addPublisher(client.offer, { as: 'camera' })).sdp)
  return client
}

it('finds nothing that our server does not do', async () => {
  const client = await publish()
  const { code, stdout } = await conformance(base, '--token', TOKEN, '--json')
  client.close()
  const report = JSON.parse(stdout) as {
    checks: number
    failed: number
    skipped: number
    endpoints: { results: { id: string; outcome: string; detail: string }[] }[]
  }
  const results = report.endpoints.flatMap((endpoint) => endpoint.results)
  console.log(`conformance: ${report.checks} checks, ${report.failed} failed, ${report.skipped} skipped`)
  expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  expect(results.filter(({ outcome }) => outcome === 'skip')).toEqual([])
  expect(report.checks).toBeGreaterThan(180)
  expect(code).toBe(0)
  // Every session was ended again.
  expect(sfu.broadcasts().flatMap((broadcast) => broadcast.viewers)).toEqual([])
})

it.each([
  ['as it starts', []],
  ['with a key for publishers', ['--publish-key', 'a-key-of-publishers']],
])(
  'finds nothing that `manycast serve` does not do, %s',
  async (_, args) => {
    const served = await startCli(args)
    try {
      const { code, stdout } = await conformance(served.url, ...args.map((arg) => arg.replace('publish-key', 'token')))
      console.log(`manycast serve ${args.join(' ')}:${stdout.slice(stdout.lastIndexOf('\n\n')).trimEnd()}`)
      expect(stdout.split('\n').filter((line) => line.includes('FAIL'))).toEqual([])
      expect(code).toBe(0)
    } finally {
      await served.stop()
    }
  },
  60_000,
)

it('skips what it cannot find out without a publisher', async () => {
  const { code, stdout } = await conformance('--whep', `${base}/whep/nobody`, '--token', TOKEN)
  expect(code).toBe(0)
  expect(stdout).toContain('nobody publishes there, and the server wants a publisher (409)')
  expect(stdout).toMatch(/\n\d+ checks: \d+ passed, 0 failed, \d+ skipped\n$/)
})

it('ends with exit code 1 where a server fails, or is not there', async () => {
  const wrong = await conformance(`${base}/whip/x`)
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toContain('the offer was answered with 401, not 201')
  const nowhere = await conformance('--whip', `http://127.0.0.1:${await unusedPort()}/whip`)
  expect(nowhere.code).toBe(1)
  expect(nowhere.stderr).toMatch(/cannot be reached: .*ECONNREFUSED/)
})

it('ends with exit code 2 where it is told nothing', async () => {
  const { code, stderr } = await conformance()
  expect(code).toBe(2)
  expect(stderr).toContain('--whip')
})
