/** The `manycast` command as a process of its own, from `dist`. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import pkg from '../../../package.json' with { type: 'json' }

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const running: ChildProcessWithoutNullStreams[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function manycast(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, PORT: '', UDP_PORT: '', ...env } })
  running.push(child)
  let stdout = ''
  let stderr = ''
  let onOutput = (): void => {}
  child.stdout.on('data', (data) => {
    stdout += data
    onOutput()
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const exit = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      onOutput = () => {
        const match = pattern.exec(stdout)
        if (match !== null) resolve(match[1] ?? '')
      }
      void exit.then(() => reject(new Error(`it ended: ${stderr}`)))
      onOutput()
    })
  return { child, exit, printed }
}

describe.each([['1'], ['0']])('serve --workers %s', (workers) => {
  it.each(['SIGTERM', 'SIGINT'] as const)('runs until %s and ends with exit code 0', async (signal) => {
    const { child, exit, printed } = manycast(['serve', '--port', '0', '--workers', workers])
    const url = await printed(/Open\s+(http:\S+)/)
    expect((await fetch(url)).status).toBe(200)
    expect(await (await fetch(new URL('/api/broadcasts', url))).json()).toEqual([])
    await printed(/UDP and TCP port (\d+)/)
    child.kill(signal)
    const { code, stderr } = await exit
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === '::1'))

it.runIf(hasIpv6)('listens on IPv6 and prints an address that works', async () => {
  const { printed } = manycast(['serve', '--port', '0', '--host', '[::1]', '--listen-ip', '::1'])
  const url = await printed(/Open\s+(http:\S+)/)
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/$/)
  expect((await fetch(url)).status).toBe(200)
})

it('says in one line that the port is taken', async () => {
  const blocker = createServer()
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port))
  })
  const { code, stderr } = await manycast(['serve'], { PORT: String(port) }).exit
  blocker.close()
  expect(code).toBe(1)
  expect(stderr).toBe(
    `manycast: port ${port} on 127.0.0.1 is taken by another program; choose another one with --port\n`,
  )
})

it('prints help and version with exit code 0', async () => {
  const help = await manycast(['--help']).exit
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('manycast serve')
  expect(await manycast(['--version']).exit).toEqual({ code: 0, stdout: `${pkg.version}\n`, stderr: '' })
})

it('answers a wrong command line with a message and exit code 2', async () => {
  const { code, stdout, stderr } = await manycast(['serve', '--port', 'x']).exit
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe('manycast: --port must be a number from 0 to 65535, not "x"\nTry: manycast --help\n')
})
