/** A real Redis for tests: a process of its own behind a Unix socket, with nothing on disk. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from './wait-for.js'

/** Whether there is one on this machine; says so where there is none. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) console.log('There is no redis-server: the tests that need one are skipped.')

/** A Redis that can be stopped, started again empty, and made to stand still. */
export class RedisServer {
  readonly #dir = mkdtempSync(join(tmpdir(), 'manycast-redis-'))
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  private constructor(args: readonly string[]) {
    this.#args = args
  }

  /** Starts one; `args` are further arguments of `redis-server`. */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(args)
    await server.restart()
    return server
  }

  /** Where it listens. */
  get path(): string {
    return join(this.#dir, 'redis.sock')
  }

  /** Starts it, or starts it again: it has forgotten everything then. */
  async restart(): Promise<void> {
    await this.stop()
    const fixed = ['--port', '0', '--unixsocket', this.path, '--save', '', '--appendonly', 'no', '--dir', this.#dir]
    const server = spawn('redis-server', [...fixed, ...this.#args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    server.stdout.on('data', (chunk) => {
      output += chunk
    })
    this.#process = server
    await waitFor('Redis takes connections', () => {
      if (server.exitCode !== null) throw new Error(`Redis ended: ${output}`)
      return /ready to accept connections/i.test(output)
    })
  }

  /** Ends it as `kill -9` does. */
  async stop(): Promise<void> {
    const server = this.#process
    this.#process = undefined
    if (server === undefined || server.exitCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  /** Makes it stand still with its connections open, as a machine does that is too busy. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it and removes what it left. */
  async close(): Promise<void> {
    await this.stop()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
