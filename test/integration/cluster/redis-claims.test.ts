/** Two nodes, each a process of its own, that want to be the origin of the same publisher at the same time, over and over. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClaimResult, OriginLease } from '../../../src/cluster/types.js'
import { hasRedis, RedisServer } from '../../support/redis-server.js'

const ROUNDS = 10_000

class ClaimingNode {
  readonly nodeId: string
  readonly #process: ChildProcess

  constructor(kind: string, path: string, nodeId: string) {
    this.nodeId = nodeId
    this.#process = fork(new URL('../../support/claiming-node.mjs', import.meta.url), [kind, path, nodeId])
  }

  async ready(): Promise<void> {
    await once(this.#process, 'message')
  }

  ask<T>(action: string, argument?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error(`node ${this.nodeId} has ended`))
      this.#process.once('exit', onExit)
      this.#process.once('message', ({ reply, error }: { reply?: T; error?: string }) => {
        this.#process.off('exit', onExit)
        if (error === undefined) resolve(reply as T)
        else reject(new Error(error))
      })
      this.#process.send({ action, argument })
    })
  }

  close(): void {
    this.#process.kill()
  }
}

describe.skipIf(!hasRedis)('two nodes that claim one broadcast at the same time', () => {
  let server: RedisServer
  let nodes: ClaimingNode[] = []

  beforeAll(async () => {
    server = await RedisServer.start()
    nodes = [new ClaimingNode('node-redis', server.path, 'a'), new ClaimingNode('ioredis', server.path, 'b')]
    await Promise.all(nodes.map((node) => node.ready()))
  })
  afterAll(async () => {
    for (const node of nodes) node.close()
    await server.close()
  })

  const nodeOf = ({ nodeId }: OriginLease): ClaimingNode => nodes.find((node) => node.nodeId === nodeId) as ClaimingNode

  /** Both claim; which of them is told to first changes from round to round. */
  function bothClaim(round: number, takeover: boolean): Promise<ClaimResult[]> {
    const inTurn = round % 2 === 0 ? nodes : [...nodes].reverse()
    return Promise.all(inTurn.map((node) => node.ask<ClaimResult>('claim', takeover)))
  }

  it(`${ROUNDS} times: one wins, and the other is told who`, async () => {
    const wins = new Map<string, number>()
    let lastToken = 0
    for (let round = 0; round < ROUNDS; round++) {
      const results = await bothClaim(round, false)
      const winners = results.flatMap((result) => (result.won ? [result.lease] : []))
      const holders = results.flatMap((result) => (result.won === false ? [result.holder] : []))
      const [lease] = winners
      if (lease === undefined || winners.length !== 1) throw new Error(`round ${round}: ${JSON.stringify(results)}`)
      expect(holders).toEqual([lease])
      expect(lease.token).toBeGreaterThan(lastToken)
      lastToken = lease.token
      wins.set(lease.nodeId, (wins.get(lease.nodeId) ?? 0) + 1)
      await nodeOf(lease).ask('release')
    }
    console.log(`wins of ${ROUNDS}: ${[...wins].sort().map((win) => win.join(' '))}`)
    // If one of them always came first, this would say nothing.
    expect(Math.min(wins.get('a') ?? 0, wins.get('b') ?? 0)).toBeGreaterThan(ROUNDS / 1000)
  }, 180_000)

  it(`${ROUNDS} times by taking over: tokens grow, and the larger one holds`, async () => {
    let lastToken = 0
    for (let round = 0; round < ROUNDS; round++) {
      const results = await bothClaim(round, true)
      const leases = results.flatMap((result) => (result.won ? [result.lease] : []))
      leases.sort((x, y) => x.token - y.token)
      const [older, newer] = leases
      if (older === undefined || newer === undefined) throw new Error(`round ${round}: ${JSON.stringify(results)}`)
      expect(older.token).toBeGreaterThan(lastToken)
      expect(newer.token).toBeGreaterThan(older.token)
      lastToken = newer.token
      expect(await nodeOf(older).ask('origins')).toEqual([newer])
      expect(await Promise.all([nodeOf(older).ask('renew'), nodeOf(newer).ask('renew')])).toEqual([false, true])
    }
  }, 180_000)
})
