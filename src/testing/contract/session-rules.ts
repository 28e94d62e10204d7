/** What becomes of sessions: by the client, by the server, and by nobody. */
import assert from 'node:assert/strict'
import { BroadcastError } from '../../errors.js'
import type { FakeSession } from '../fake-target.js'
import { FRAGMENT, RESTART_FRAGMENT } from './contract-descriptions.js'
import type { ContractRule } from './contract-rule.js'
import type { ContractScene } from './contract-scene.js'
import type { ContractClient } from './contract-types.js'

/** What holds for sessions. */
export const SESSION_RULES: readonly ContractRule[] = [
  {
    name: 'ends the session of a client that leaves, and no other one',
    needs: ['leave'],
    async check({ target, join, until, within }) {
      const publisher = await join('publisher')
      const viewer = await join('viewer')
      const other = await join('viewer')
      const [first, second, third] = target.sessions as [FakeSession, FakeSession, FakeSession]
      await within(leave(viewer), 'leaving was not acknowledged')
      await until('the session of the client that left goes on', () => second.state === 'closed')
      assert.deepEqual([first.closeReason, third.closeReason], [undefined, undefined], 'another session has ended')
      await within(Promise.all([leave(publisher), leave(other)]), 'leaving was not acknowledged')
      await until('sessions go on that nobody has', () => target.sessions.length === 0)
    },
  },
  {
    name: 'goes on when a client leaves whose session has ended',
    needs: ['leave'],
    async check({ target, join, within }) {
      const gone = await join('viewer')
      await target.sessions[0]?.close('kicked')
      // Whether that is an error is the adapter's own matter, but it has to say something.
      await within(
        leave(gone).catch(() => {}),
        'leaving was not answered',
      )
      await join('viewer')
    },
  },
  {
    name: 'leaves no session behind when a client goes away before it is answered',
    needs: ['abandon'],
    async check(scene) {
      const { target, until } = scene
      const release = target.hold()
      const gone = new AbortController()
      scene.tryToJoin('viewer', { signal: gone.signal })
      await until('the offer has not reached the target', () => target.calls.length === 1)
      gone.abort()
      // The adapter hears of it while the target is still at work.
      await new Promise((resolve) => setTimeout(resolve, 5))
      release()
      await until('the target has not answered', () => scene.answers === 1)
      await until('a session goes on that nobody has', () => target.sessions.length === 0)
      await scene.join('viewer')
    },
  },
  {
    name: 'tells the client that its session was ended',
    needs: ['ended'],
    async check({ target, join, within }) {
      const client = await join('viewer')
      await target.sessions[0]?.close('kicked')
      assert.ok(client.ended, 'the client has no ended(); name it in `without` if that is on purpose')
      await within(client.ended(), 'the client was not told')
    },
  },
  {
    name: 'passes on candidates, byte for byte',
    needs: ['trickle'],
    async check(scene) {
      const { client, session } = await opened(scene)
      const reply = await scene.within(trickle(client, FRAGMENT), 'the candidates were not acknowledged')
      assert.deepEqual(session.fragments, [FRAGMENT])
      assert.equal(reply, undefined, 'there was a fragment in return, though ICE was not restarted')
    },
  },
  {
    name: "answers an ICE restart with the server's fragment",
    needs: ['trickle'],
    async check(scene) {
      const { client, session } = await opened(scene)
      const before = session.iceSessionId
      const reply = await scene.within(trickle(client, RESTART_FRAGMENT), 'the restart was not answered')
      assert.notEqual(session.iceSessionId, before, 'ICE was not restarted')
      assert.match(String(reply), /^a=ice-ufrag:fake1\r?$/m)
    },
  },
  {
    name: 'refuses what the session refuses, and the session goes on',
    needs: ['trickle'],
    async check(scene) {
      const { client, session } = await opened(scene)
      scene.target.failNext(new BroadcastError('ice-mismatch', 'these are not the credentials'))
      await scene.refusalOf(trickle(client, FRAGMENT), 'the fragment was neither taken nor refused')
      assert.equal(session.closeReason, undefined, 'the session has ended')
      await scene.within(trickle(client, FRAGMENT), 'the candidates were not acknowledged')
    },
  },
]

async function opened({ target, join }: ContractScene): Promise<{ client: ContractClient; session: FakeSession }> {
  const client = await join('viewer')
  return { client, session: target.sessions[0] as FakeSession }
}

async function leave(client: ContractClient): Promise<void> {
  assert.ok(client.leave, 'the client has no leave(); name it in `without` if that is on purpose')
  await client.leave()
}

async function trickle(client: ContractClient, fragment: string): Promise<string | undefined> {
  assert.ok(client.trickle, 'the client has no trickle(); name it in `without` if that is on purpose')
  return client.trickle(fragment)
}
