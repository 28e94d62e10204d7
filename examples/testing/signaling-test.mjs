/** In node:test: node --test examples/testing/signaling-test.mjs */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeTarget, signalingContract } from 'manycast/testing'
import { CONTRACT_OPTIONS, connect, contractAdapter } from './socket-client.mjs'

describe('socketSignaling keeps the signaling contract', () => {
  for (const { name, run } of signalingContract(contractAdapter, CONTRACT_OPTIONS)) it(name, run)
})

it('joins once per socket', async () => {
  const target = fakeTarget()
  const client = connect(target)
  const offer = { role: 'viewer', broadcast: 'main', sdp: 'v=0\r\n' }
  await client.join(offer)
  await assert.rejects(client.join(offer), { code: 'request-invalid' })
  assert.equal(target.sessions.length, 1)
})

it('says why a session has ended', async () => {
  const target = fakeTarget()
  const client = connect(target)
  await client.join({ role: 'viewer', broadcast: 'main', sdp: 'v=0\r\n' })
  await target.sessions[0].close('expired')
  assert.deepEqual(await client.ended, { reason: 'expired' })
})
