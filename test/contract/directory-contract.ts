/** What every `Directory` must do; run on the one in memory and on the one in Redis with each client. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClaimRequest, ClaimResult, Directory, NodeRecord, OriginLease } from '../../src/cluster/types.js'
import { BroadcastError } from '../../src/errors.js'
import { waitFor } from '../support/wait-for.js'

/** Two nodes' ways to one directory. */
export interface DirectoryHarness {
  readonly a: Directory
  /** The same directory, asked by another node; it may be the same object. */
  readonly b: Directory
  /** Lets that much time pass, or a little more. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

const LONG_MS = 60_000
/** Runs out within a test. */
const SHORT_MS = 400

const record = (nodeId: string, more: Partial<NodeRecord> = {}): NodeRecord => ({
  nodeId,
  url: `http://${nodeId}.example:3000`,
  region: 'eu-west',
  capacity: 500,
  viewers: 20,
  utilization: 0.25,
  draining: false,
  ...more,
})

const request = (nodeId: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  broadcast: 'show',
  publisher: 'main',
  nodeId,
  url: `http://${nodeId}.example:3000`,
  ttlMs: LONG_MS,
  takeover: false,
  ...more,
})

async function won(result: Promise<ClaimResult>): Promise<OriginLease> {
  const claim = await result
  if (!claim.won) throw new Error(`${claim.holder.nodeId} holds it`)
  return claim.lease
}

/** Runs the suite on the directories that `createHarness` makes. */
export function directoryContract(name: string, createHarness: () => Promise<DirectoryHarness>): void {
  describe(`${name} keeps the directory contract`, () => {
    let harness: DirectoryHarness
    let a: Directory
    let b: Directory

    beforeEach(async () => {
      harness = await createHarness()
      a = harness.a
      b = harness.b
    })
    afterEach(() => harness.close())

    const idsOf = async (directory: Directory): Promise<string[]> =>
      (await directory.nodes()).map(({ nodeId }) => nodeId).sort()

    it('tells every node of all nodes that are alive, as they described themselves last', async () => {
      await a.beat(record('n1'), LONG_MS)
      await b.beat(record('n2', { region: '', draining: true, utilization: 1.5 }), LONG_MS)
      await a.beat(record('n1', { viewers: 21 }), LONG_MS)
      const nodes = [...(await b.nodes())].sort((x, y) => (x.nodeId < y.nodeId ? -1 : 1))
      expect(nodes).toEqual([
        record('n1', { viewers: 21 }),
        record('n2', { region: '', draining: true, utilization: 1.5 }),
      ])
    })

    it('notices what a node changes of itself', async () => {
      await a.beat(record('n1'), LONG_MS)
      await b.nodes()
      await a.beat(record('n1', { url: 'http://elsewhere', capacity: 7 }), LONG_MS)
      expect(await b.nodes()).toEqual([record('n1', { url: 'http://elsewhere', capacity: 7 })])
    })

    it('forgets a node that is silent, and one that leaves at once', async () => {
      await a.beat(record('n1'), SHORT_MS)
      await a.beat(record('n2'), LONG_MS)
      await a.beat(record('n3'), LONG_MS)
      await a.leave('n3')
      expect(await idsOf(b)).not.toContain('n3')
      await harness.pass(SHORT_MS)
      expect(await idsOf(b)).toEqual(['n2'])
      await a.leave('never there')
    })

    it('gives a key to the first that claims it', async () => {
      const lease = await won(a.claim(request('n1')))
      expect(lease).toEqual({
        broadcast: 'show',
        publisher: 'main',
        nodeId: 'n1',
        url: 'http://n1.example:3000',
        token: lease.token,
      })
      expect(await b.claim(request('n2'))).toEqual({ won: false, holder: lease })
      expect((await won(b.claim(request('n2', { publisher: 'slides' })))).token).toBeGreaterThan(0)
      expect(await b.broadcast('show')).toMatchObject({
        origins: [lease, { publisher: 'slides', nodeId: 'n2' }],
        carriers: ['n1', 'n2'],
      })
      expect(await b.broadcast('other')).toEqual({ origins: [], carriers: [] })
    })

    it('gives it to one of many that claim it at the same time', async () => {
      const claims = Array.from({ length: 50 }, (_, index) => (index % 2 ? a : b).claim(request(`n${index}`)))
      const results = await Promise.all(claims)
      const winners = results.filter((result) => result.won)
      expect(winners).toHaveLength(1)
      const [lease] = (await a.broadcast('show')).origins
      for (const result of results) expect(result.won ? result.lease : result.holder).toEqual(lease)
    })

    it('lets a newer publisher take over, and tells the older one when it renews', async () => {
      const first = await won(a.claim(request('n1')))
      const second = await won(b.claim(request('n2', { takeover: true })))
      expect(second.token).toBeGreaterThan(first.token)
      expect(await a.renew(first, LONG_MS)).toBe(false)
      expect(await b.renew(second, LONG_MS)).toBe(true)
      await a.release(first)
      expect((await a.broadcast('show')).origins).toEqual([second])
    })

    it('gives a holder that claims again a larger token', async () => {
      const first = await won(a.claim(request('n1')))
      const second = await won(a.claim(request('n1')))
      expect(second.token).toBeGreaterThan(first.token)
      expect(await a.renew(first, LONG_MS)).toBe(false)
      expect(await a.renew(second, LONG_MS)).toBe(true)
    })

    it('ends a lease that is not renewed; then it cannot be renewed any more, and whoever comes has it', async () => {
      const first = await won(a.claim(request('n1', { ttlMs: SHORT_MS })))
      await harness.pass(SHORT_MS)
      expect((await b.broadcast('show')).origins).toEqual([])
      expect(await a.renew(first, LONG_MS)).toBe(false)
      const second = await won(b.claim(request('n2')))
      expect(second.token).toBeGreaterThan(first.token)
      await a.release(first)
      expect((await b.broadcast('show')).origins).toEqual([second])
    })

    it('keeps a lease for as long as it was renewed last', async () => {
      const lease = await won(a.claim(request('n1', { ttlMs: SHORT_MS })))
      expect(await a.renew(lease, LONG_MS)).toBe(true)
      await harness.pass(SHORT_MS)
      expect(await b.claim(request('n2'))).toEqual({ won: false, holder: lease })
      expect(await a.renew(lease, SHORT_MS)).toBe(true)
      await harness.pass(SHORT_MS)
      expect((await b.claim(request('n2'))).won).toBe(true)
    })

    it('lets go of a lease at once when it is released', async () => {
      const lease = await won(a.claim(request('n1')))
      await a.release(lease)
      await a.release(lease)
      expect(await a.renew(lease, LONG_MS)).toBe(false)
      expect((await won(b.claim(request('n2')))).token).toBeGreaterThan(lease.token)
    })

    it('knows who carries a broadcast, until they drop it or are silent', async () => {
      await a.carry('n1', 'show', SHORT_MS)
      await b.carry('n2', 'show', LONG_MS)
      await b.carry('n3', 'show', LONG_MS)
      await b.carry('n2', 'other', LONG_MS)
      expect((await a.broadcast('show')).carriers).toEqual(['n1', 'n2', 'n3'])
      await b.drop('n3', 'show')
      await harness.pass(SHORT_MS)
      expect((await a.broadcast('show')).carriers).toEqual(['n2'])
      await a.carry('n1', 'show', LONG_MS)
      expect((await b.broadcast('show')).carriers).toEqual(['n1', 'n2'])
    })

    it('forgets with a node that leaves what it was the origin of and what it carried', async () => {
      await a.beat(record('n1'), LONG_MS)
      await won(a.claim(request('n1')))
      await won(a.claim(request('n1', { broadcast: 'other', publisher: 'slides' })))
      await a.carry('n1', 'third', LONG_MS)
      await b.carry('n2', 'third', LONG_MS)
      const taken = await won(a.claim(request('n1', { broadcast: 'taken' })))
      const newer = await won(b.claim(request('n2', { broadcast: 'taken', takeover: true })))
      expect(newer.token).toBeGreaterThan(taken.token)
      await a.leave('n1')
      for (const name of ['show', 'other']) expect(await b.broadcast(name)).toEqual({ origins: [], carriers: [] })
      expect((await b.broadcast('third')).carriers).toEqual(['n2'])
      expect((await b.broadcast('taken')).origins).toEqual([newer])
    })

    it('takes names with everything in them', async () => {
      for (const broadcast of ['a}b{c', '{}', 'é "quoted" \\ 漢字 🎥', 'x:y:z', ' ']) {
        const lease = await won(a.claim(request('n:1}', { broadcast, publisher: broadcast })))
        await b.carry('n2', broadcast, LONG_MS)
        expect(await b.broadcast(broadcast)).toEqual({ origins: [lease], carriers: ['n2', 'n:1}'] })
        expect(await a.renew(lease, LONG_MS)).toBe(true)
        await a.release(lease)
        expect((await b.broadcast(broadcast)).origins).toEqual([])
      }
    })

    it('tells all who watch that origins have changed, wherever that was done', async () => {
      const heard: string[] = []
      const stops = [a.watch((name) => heard.push(`a ${name}`)), b.watch((name) => heard.push(`b ${name}`))]
      // A connection that listens comes up by itself; nobody is told when.
      await waitFor('both listen', async () => {
        await won(a.claim(request('n1', { broadcast: 'warm up' })))
        await new Promise((resolve) => setTimeout(resolve, 5))
        return heard.includes('a warm up') && heard.includes('b warm up')
      })
      const lease = await won(a.claim(request('n1')))
      await waitFor('claim', () => heard.includes('a show') && heard.includes('b show'))
      heard.length = 0
      await a.release(lease)
      await waitFor('release', () => heard.includes('a show') && heard.includes('b show'))
      stops[0]?.()
      stops[0]?.()
      heard.length = 0
      await won(b.claim(request('n2', { broadcast: 'later' })))
      await waitFor('the one that still watches', () => heard.includes('b later'))
      expect(heard).not.toContain('a later')
      stops[1]?.()
    })

    it('refuses what makes no sense, and everything once it is closed', async () => {
      const codeOf = async (result: Promise<unknown>): Promise<string> => {
        const error = await result.then(
          () => undefined,
          (reason: unknown) => reason,
        )
        return error instanceof BroadcastError ? error.code : String(error)
      }
      expect(await codeOf(a.beat(record('n1'), 0))).toBe('option-invalid')
      expect(await codeOf(a.beat(record(''), LONG_MS))).toBe('option-invalid')
      expect(await codeOf(a.beat(record('n1', { capacity: Number.NaN }), LONG_MS))).toBe('option-invalid')
      expect(await codeOf(a.claim(request('n1', { broadcast: '' })))).toBe('option-invalid')
      expect(await codeOf(a.claim(request('n1', { ttlMs: 1.5 })))).toBe('option-invalid')
      expect(await codeOf(a.carry('n1', 'show', -1))).toBe('option-invalid')
      expect(await a.nodes()).toEqual([])
      await a.close()
      await a.close()
      expect(await codeOf(a.nodes())).toBe('closed')
      expect(await codeOf(a.claim(request('n1')))).toBe('closed')
      expect(() => a.watch(() => undefined)).toThrow(BroadcastError)
    })
  })
}
