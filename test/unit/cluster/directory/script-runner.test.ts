import { describe, expect, it } from 'vitest'
import { redisDirectory } from '../../../../src/cluster/directory/redis/redis-directory.js'
import type { RedisFace } from '../../../../src/cluster/directory/redis/redis-face.js'
import { RedisKeys } from '../../../../src/cluster/directory/redis/redis-keys.js'
import type { RedisLike } from '../../../../src/cluster/directory/redis/redis-like.js'
import { ScriptRunner } from '../../../../src/cluster/directory/redis/script-runner.js'
import { DROP } from '../../../../src/cluster/directory/redis/scripts.js'
import { BroadcastError } from '../../../../src/errors.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'

/** A Redis whose clock is so far ahead, which answers when it is told to, or at once. */
class FakeRedis implements RedisFace {
  isReady = true
  aheadMs = 5_000_000
  knows = true
  answers = true
  readonly sent: string[][] = []
  readonly #waiting: (() => void)[] = []
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async send(_key: string, args: readonly string[]): Promise<unknown> {
    this.sent.push([...args])
    if (!this.answers) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const nowMs = this.#clock.nowMs() + this.aheadMs
    const [command, , , , latest] = args
    if (command === 'TIME') return [String(Math.floor(nowMs / 1000)), String((nowMs % 1000) * 1000)]
    if (command === 'EVALSHA' && !this.knows) throw new Error('NOSCRIPT No matching script.')
    return nowMs > Number(latest) ? ['late', String(nowMs)] : ['ok', String(nowMs), 'done']
  }

  answerAll(): void {
    for (const answer of this.#waiting.splice(0)) answer()
  }

  listen(): never {
    throw new Error('not asked for')
  }

  get commands(): (string | undefined)[] {
    return this.sent.map(([command]) => command)
  }
}

function setUp(maxPending = 10) {
  const clock = new VirtualClock(1000)
  const redis = new FakeRedis(clock)
  const runner = new ScriptRunner(redis, { timeoutMs: 1000, maxPending }, clock)
  const run = () =>
    runner
      .run(DROP, ['key'], ['node'])
      .then(String, (error: unknown) =>
        error instanceof BroadcastError ? `${error.code}: ${error.message}` : String(error),
      )
  return { clock, redis, run }
}

/** Lets all promises settle that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a script in Redis', () => {
  it('is sent by its digest, with the latest time for it by the clock of Redis', async () => {
    const { redis, run } = setUp()
    expect(await run()).toBe('done')
    expect(await run()).toBe('done')
    expect(redis.commands).toEqual(['TIME', 'EVALSHA', 'EVALSHA'])
    expect(redis.sent[2]?.slice(2)).toEqual(['1', 'key', String(1000 + 1000 + redis.aheadMs), 'node'])
  })

  it('is sent as a text to a Redis that does not know it', async () => {
    const { redis, run } = setUp()
    redis.knows = false
    expect(await run()).toBe('done')
    expect(redis.commands).toEqual(['TIME', 'EVALSHA', 'EVAL'])
    expect(redis.sent[2]?.[1]).toBe(DROP.lua)
  })

  it('is given up in time, and not sent again when Redis answers after that', async () => {
    const { clock, redis, run } = setUp()
    await run()
    redis.answers = false
    redis.knows = false
    const result = run()
    clock.advance(1000)
    expect(await result).toContain('directory-unavailable')
    redis.answerAll()
    await settle()
    expect(redis.commands).toEqual(['TIME', 'EVALSHA', 'EVALSHA'])
  })

  it('is tried once more by the time that Redis says it is', async () => {
    const { redis, run } = setUp()
    await run()
    redis.aheadMs += 60_000
    expect(await run()).toBe('done')
    expect(redis.commands).toEqual(['TIME', 'EVALSHA', 'EVALSHA', 'EVALSHA'])
  })

  it('is not sent to a client that has lost its connection', async () => {
    const { redis, run } = setUp()
    await run()
    redis.isReady = false
    expect(await run()).toBe('directory-unavailable: the directory cannot be asked: Redis is not connected')
    redis.isReady = true
    expect(await run()).toBe('done')
    expect(redis.sent).toHaveLength(3)
  })

  it('is not sent while so many others wait, those that were given up included', async () => {
    const { clock, redis, run } = setUp(3)
    await run()
    redis.answers = false
    const results = [run(), run(), run()]
    clock.advance(1000)
    for (const result of results) expect(await result).toContain('did not answer in time')
    expect(await run()).toContain('too many commands wait')
    redis.answers = true
    redis.answerAll()
    await settle()
    expect(await run()).toBe('done')
  })
})

describe('a directory in Redis', () => {
  it('is refused a client that is none, and names that cannot be', () => {
    const client = { status: 'ready', call: async () => undefined, duplicate: () => undefined } as unknown as RedisLike
    for (const bad of [undefined, {}, { duplicate: () => undefined }, 'redis://localhost']) {
      expect(() => redisDirectory(bad as unknown as RedisLike)).toThrow('option client')
    }
    expect(() => redisDirectory(client, { prefix: 'a{b' })).toThrow('option prefix')
    expect(() => redisDirectory(client, { namespace: '' })).toThrow('option namespace')
    expect(() => redisDirectory(client, { timeoutMs: 1 })).toThrow('option timeoutMs')
    expect(() => redisDirectory(client, { maxPending: 0 })).toThrow('option maxPending')
  })

  it('has keys of one slot for what one script touches', () => {
    const keys = new RedisKeys('app', 'live')
    const tagOf = (key: string): string | undefined => /\{([^}]+)\}/.exec(key)?.[1]
    expect(new Set(keys.nodes.map(tagOf))).toEqual(new Set(['app:live:nodes']))
    for (const name of ['stage', '}', '{}', 'a}b{c}', '{x}']) {
      const tags = [...keys.claimed(name), ...keys.known(name), ...keys.leases(name), ...keys.carriers(name)].map(tagOf)
      expect(new Set(tags).size).toBe(1)
    }
    expect(tagOf(keys.leases('stage')[0] as string)).toBe('app:live:b:stage')
  })
})
