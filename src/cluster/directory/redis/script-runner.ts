/** Runs scripts in Redis in bounded time: nothing waits for a Redis that is away, and nothing is done long after it was given up. */
import { createHash } from 'node:crypto'
import { BroadcastError } from '../../../errors.js'
import type { Clock, TimerHost } from '../../../util/clock.js'
import type { RedisFace } from './redis-face.js'
import type { RedisScript } from './scripts.js'

/** How long, and how much. */
export interface ScriptRunnerConfig {
  readonly timeoutMs: number
  readonly maxPending: number
}

/** Reply of a script, without its state and time. */
export type ScriptReply = readonly unknown[]

/** Sends scripts by their digests, and their text to a Redis that does not know them yet. */
export class ScriptRunner {
  readonly #face: RedisFace
  readonly #config: ScriptRunnerConfig
  readonly #time: Clock & TimerHost
  readonly #digests = new Map<RedisScript, string>()
  /** How far the clock of Redis is ahead of ours, in milliseconds; undefined before it was read. */
  #aheadMs: number | undefined
  #pending = 0
  #wasReady = false

  constructor(face: RedisFace, config: ScriptRunnerConfig, time: Clock & TimerHost) {
    this.#face = face
    this.#config = config
    this.#time = time
  }

  /**
   * What the script replies.
   *
   * @throws BroadcastError `directory-unavailable` if Redis is away, does not answer in time, or refuses
   */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<ScriptReply> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string, cause?: unknown): void => reject(unavailable(script, why, cause))
      // Before it was ready for the first time, a client may be about to connect, which is worth the timeout.
      if (this.#wasReady && !this.#face.isReady) return refuse('Redis is not connected')
      if (this.#pending >= this.#config.maxPending) return refuse('too many commands wait for Redis')
      const attempt = { dueMs: this.#time.nowMs() + this.#config.timeoutMs, over: false }
      const stopTimer = this.#time.setTimer(this.#config.timeoutMs, () => {
        attempt.over = true
        refuse('Redis did not answer in time')
      })
      this.#pending++
      this.#attempt(script, keys, args, attempt)
        .then(resolve, (error: unknown) => refuse(error instanceof Error ? error.message : String(error), error))
        .finally(() => {
          // Not at the timeout: until then the client holds the command, and it counts.
          this.#pending--
          stopTimer()
        })
    })
  }

  async #attempt(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
    attempt: { readonly dueMs: number; readonly over: boolean },
  ): Promise<ScriptReply> {
    const key = keys[0] as string
    this.#aheadMs ??= await this.#readClock(key)
    for (let tries = 0; tries < 2 && !attempt.over; tries++) {
      const latest = String(Math.ceil(attempt.dueMs + this.#aheadMs))
      const sentMs = this.#time.nowMs()
      const [state, nowMs, ...reply] = await this.#send(script, keys, [latest, ...args], attempt)
      this.#wasReady = true
      this.#aheadMs = Number(nowMs) - sentMs
      if (state === 'ok') return reply
      // The clock of Redis was set, or it is another Redis by now: once more, by the clock that it has.
    }
    throw new Error('Redis did not answer in time')
  }

  async #send(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
    attempt: { readonly over: boolean },
  ): Promise<readonly unknown[]> {
    const rest = [String(script.keyCount), ...keys, ...args]
    const key = keys[0] as string
    try {
      return (await this.#face.send(key, ['EVALSHA', this.#digest(script), ...rest])) as unknown[]
    } catch (error) {
      const isUnknown = error instanceof Error && error.message.startsWith('NOSCRIPT')
      if (!isUnknown || attempt.over) throw error
      return (await this.#face.send(key, ['EVAL', script.lua, ...rest])) as unknown[]
    }
  }

  async #readClock(key: string): Promise<number> {
    const sentMs = this.#time.nowMs()
    const [seconds, micros] = (await this.#face.send(key, ['TIME'])) as [unknown, unknown]
    return Number(seconds) * 1000 + Number(micros) / 1000 - sentMs
  }

  #digest(script: RedisScript): string {
    const known = this.#digests.get(script)
    if (known !== undefined) return known
    const digest = createHash('sha1').update(script.lua).digest('hex')
    this.#digests.set(script, digest)
    return digest
  }
}

function unavailable(script: RedisScript, why: string, cause: unknown): BroadcastError {
  const details = { command: script.name }
  return new BroadcastError('directory-unavailable', `the directory cannot be asked: ${why}`, { details, cause })
}
