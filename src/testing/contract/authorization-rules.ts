/** What the `authorize` hook is asked, and what follows from what it says. */
import assert from 'node:assert/strict'
import { BroadcastError } from '../../errors.js'
import type { ContractRule } from './contract-rule.js'

const SECRET = 'the password of the database'

const GRANT = {
  maxBitrateBps: 1_500_000,
  maxViewers: 7,
  roles: ['member'],
  metadata: { user: 'user-7' },
}

/** What holds for authorization. */
export const AUTHORIZATION_RULES: readonly ContractRule[] = [
  {
    name: 'asks the hook about each offer: what, where and with which token',
    needs: ['authorize'],
    authorize: () => ({}),
    async check({ asked, join }) {
      await join('publisher', { token: 'token-of-a-publisher' })
      await join('viewer', { token: 'token-of-a-viewer' })
      await join('viewer')
      assert.deepEqual(
        asked.map(({ action, broadcast, token }) => ({ action, broadcast, token })),
        [
          { action: 'publish', broadcast: 'main', token: 'token-of-a-publisher' },
          { action: 'view', broadcast: 'main', token: 'token-of-a-viewer' },
          { action: 'view', broadcast: 'main', token: undefined },
        ],
      )
    },
  },
  {
    name: 'does nothing before the hook has said yes',
    needs: ['authorize'],
    authorize: () => new Promise((resolve) => setTimeout(() => resolve({}), 10)),
    async check({ asked, target, join, until }) {
      const joined = join('viewer', { token: 'token' })
      await until('the hook was not asked', () => asked.length > 0)
      const early = target.calls.length
      await joined
      assert.equal(early, 0, 'the target was called before the hook had answered')
    },
  },
  {
    name: 'refuses whom the hook does not permit, and the target hears nothing of it',
    needs: ['authorize'],
    authorize: () => undefined,
    async check({ target, refusal }) {
      await refusal('publisher', { token: 'token' })
      await refusal('viewer')
      assert.deepEqual(target.calls, [])
    },
  },
  {
    name: 'tells whom the hook does not permit that it is unauthorized',
    needs: ['authorize', 'error-code'],
    authorize: () => undefined,
    async check({ refusal }) {
      const { code } = await refusal('viewer', { token: 'token' })
      assert.equal(code, 'unauthorized')
    },
  },
  {
    name: 'tells the client the code that the hook has thrown',
    needs: ['authorize', 'error-code'],
    authorize: () => {
      throw new BroadcastError('forbidden', 'this is not yours')
    },
    async check({ target, refusal }) {
      const { code } = await refusal('publisher', { token: 'token' })
      assert.equal(code, 'forbidden')
      assert.deepEqual(target.calls, [])
    },
  },
  {
    name: 'refuses when the hook fails, and keeps the reason to itself',
    needs: ['authorize'],
    authorize: async () => {
      throw new Error(SECRET)
    },
    async check({ target, refusal }) {
      const { text } = await refusal('viewer', { token: 'token' })
      assert.ok(!text.includes(SECRET), `the client was told: ${text}`)
      assert.deepEqual(target.calls, [])
    },
  },
  {
    name: 'passes on what the grant limits and says',
    needs: ['authorize'],
    authorize: () => ({ ...GRANT, expiresAt: new Date(Date.now() + 3_600_000) }),
    async check({ target, join }) {
      await join('viewer', { token: 'token' })
      const { maxBitrateBps, maxViewers, roles, metadata, expiresAt } = target.calls[0]?.context ?? {}
      assert.deepEqual({ maxBitrateBps, maxViewers, roles, metadata }, GRANT)
      assert.ok(Number(expiresAt) > Date.now(), 'the time at which the grant ends is not passed on')
      assert.equal(typeof expiresAt, 'number', 'expiresAt has to be passed on as a number')
    },
  },
]
