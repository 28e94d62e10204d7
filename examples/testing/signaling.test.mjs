/** In Vitest: npx vitest run --root examples/testing */
import { fakeTarget, signalingContract } from 'manycast/testing'
import { describe, expect, it } from 'vitest'
import { CONTRACT_OPTIONS, connect, contractAdapter } from './socket-client.mjs'

describe('socketSignaling keeps the signaling contract', () => {
  for (const { name, run } of signalingContract(contractAdapter, CONTRACT_OPTIONS)) it(name, run)
})

it('joins once per socket', async () => {
  const target = fakeTarget()
  const client = connect(target)
  const offer = { role: 'viewer', broadcast: 'main', sdp: 'v=0\r\n' }
  await client.join(offer)
  await expect(client.join(offer)).rejects.toMatchObject({ code: 'request-invalid' })
  expect(target.sessions).toHaveLength(1)
})

it('says why a session has ended', async () => {
  const target = fakeTarget()
  const client = connect(target)
  await client.join({ role: 'viewer', broadcast: 'main', sdp: 'v=0\r\n' })
  await target.sessions[0].close('expired')
  expect(await client.ended).toEqual({ reason: 'expired' })
})
