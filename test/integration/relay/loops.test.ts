/** Relays that would feed themselves, between real nodes. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Session } from '../../../src/index.js'
import type { Relay } from '../../../src/relay/index.js'
import { type RelayNode, RelayStage } from '../../support/relay-node.js'
import { waitFor } from '../../support/wait-for.js'

const FAST = { checkIntervalMs: 200, reconnect: { firstDelayMs: 100, maxDelayMs: 100 } }

let stage: RelayStage
beforeEach(() => {
  stage = new RelayStage()
})
afterEach(() => stage.close())

const nodes = (count: number): Promise<RelayNode[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => stage.node({ nodeId: `n${i}` })))

/** Remembers every error that a relay has had. */
function errorsOf(relay: Relay<Session>): string[] {
  const errors: string[] = []
  relay.on('retry', (error) => errors.push(error.code))
  relay.on('state', (_state, error) => errors.push(error?.code ?? ''))
  return errors
}

it('are refused where the other node knows it', async () => {
  const [a, b] = (await nodes(2)) as [RelayNode, RelayNode]
  await b.show.pull(a.whep).whenConnected()
  const back = a.show.pull(b.whep, { reconnect: false })
  await expect(back.whenConnected()).rejects.toMatchObject({ code: 'relay-loop', details: { path: ['n0', 'n1'] } })
  const own = a.show.pull(a.whep, { reconnect: false })
  await expect(own.whenConnected()).rejects.toMatchObject({ code: 'relay-loop' })
  const pushed = b.show.push(a.whip, { reconnect: false })
  await expect(pushed.whenConnected()).rejects.toMatchObject({ code: 'relay-loop' })
})

it('are found when they come about later, and broken', async () => {
  const [a, b, c, d] = (await nodes(4)) as [RelayNode, RelayNode, RelayNode, RelayNode]
  // d feeds a, which feeds b, which feeds c; then a is told to take c's, which c cannot know to be its own.
  const first = a.show.pull(d.whep, FAST)
  await first.whenConnected()
  await b.show.pull(a.whep, FAST).whenConnected()
  const last = c.show.pull(b.whep, FAST)
  await last.whenConnected()
  await waitFor('the whole path', () => last.path.join() === 'n3,n0,n1')
  const errors = errorsOf(first)
  first.switchTo(c.whep).catch(() => {})
  await waitFor('a refusal', () => errors.includes('relay-loop'))
  // What it had goes on.
  expect([first.state, first.path]).toEqual(['connected', ['n3']])
})

it('are found when all of them began at the same time', async () => {
  const ring = await nodes(3)
  const relays = ring.map((node, i) => node.show.pull(ring[(i + 1) % 3]?.whep as string, FAST))
  const errors = relays.map(errorsOf)
  await waitFor('one that finds it', () => errors.flat().includes('relay-loop'))
  await waitFor(
    'a ring that is open',
    () =>
      relays.some(({ path }, i) => !path.includes(`n${i}`)) && ring.some(({ show }) => show.publishers.length === 0),
  )
})

it('that are no loops are let through: two publishers, one each way', async () => {
  const [a, b] = (await nodes(2)) as [RelayNode, RelayNode]
  await stage.publisher(a.show)
  const there = b.show.pull(a.whep, { as: 'main', ...FAST })
  await there.whenConnected()
  const back = a.show.pull(b.whep, { as: 'slides', ...FAST })
  await back.whenConnected()
  const errors = [...errorsOf(there), ...errorsOf(back)]
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(errors).toEqual([])
  expect([there.path, back.path]).toEqual([['n0'], ['n1']])
})

it('a chain may not be too long', async () => {
  const [a, b, c] = await Promise.all([0, 1, 2].map((i) => stage.node({ nodeId: `n${i}`, maxRelayDepth: 1 })))
  await b?.show.pull(a?.whep as string).whenConnected()
  const third = c?.show.pull(b?.whep as string, { reconnect: false })
  await expect(third?.whenConnected()).rejects.toMatchObject({ code: 'relay-too-deep' })
})
