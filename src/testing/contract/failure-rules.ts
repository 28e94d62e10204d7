/** What a client is told that cannot be served, and what it is not told. */
import assert from 'node:assert/strict'
import { BroadcastError, type BroadcastErrorCode } from '../../errors.js'
import type { ContractRule } from './contract-rule.js'

/** One for each HTTP status that a target's refusal can have. */
const CODES: readonly BroadcastErrorCode[] = [
  'sdp-invalid',
  'codec-unsupported',
  'not-live',
  'limit-reached',
  'rate-limited',
  'closed',
]

const SECRET = 'the password of the database'

/** What holds for failures. */
export const FAILURE_RULES: readonly ContractRule[] = [
  {
    name: 'refuses what is no session description, and opens no session',
    async check({ target, refusal }) {
      await refusal('viewer', { offerSdp: 'hello' })
      assert.deepEqual(target.sessions, [])
    },
  },
  {
    name: 'refuses what the target refuses, and serves the next client',
    async check({ target, join, refusal }) {
      target.failNext(new BroadcastError('limit-reached', 'it is full'))
      await refusal('viewer')
      await join('viewer')
      assert.equal(target.sessions.length, 1)
    },
  },
  {
    name: 'tells the client the code of what the target refuses',
    needs: ['error-code'],
    async check({ target, refusal }) {
      for (const expected of CODES) {
        target.failNext(new BroadcastError(expected, 'refused for a test'))
        const { code } = await refusal('viewer')
        assert.equal(code, expected)
      }
    },
  },
  {
    name: 'keeps the message of a defect to itself',
    async check({ target, refusal }) {
      target.failNext(new TypeError(SECRET))
      const { text } = await refusal('viewer')
      assert.ok(!text.includes(SECRET), `the client was told: ${text}`)
    },
  },
  {
    name: 'calls a defect internal-error',
    needs: ['error-code'],
    async check({ target, refusal }) {
      target.failNext(new TypeError(SECRET))
      const { code } = await refusal('viewer')
      assert.equal(code, 'internal-error')
    },
  },
]
