/** Layers of a video between real nodes: all of them cross, those that nobody takes are paused, and come when somebody does. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TestPacket } from '../../../src/testing/index.js'
import { type RelayNode, RelayStage } from '../../support/relay-node.js'
import { SimulcastTracks } from '../../support/simulcast-tracks.js'
import { waitFor } from '../../support/wait-for.js'

const SOON = { withinMs: 20_000 }
/** A machine that is busy looks like a narrow network; what that does to layers is tested in simulation. */
const WIDE = { startEstimateBps: 5_000_000, minEstimateBps: 5_000_000 }

let stage: RelayStage
beforeEach(() => {
  stage = new RelayStage()
})
afterEach(() => stage.close())

type Session = RelayNode['show']['viewers'][number]

/** The session of the server behind. */
const relayOf = ({ show }: RelayNode): Session | undefined =>
  show.viewers.find((session) => session.relay !== undefined)

/** Which of the layers are paused towards the server behind, worst first. */
async function pausedAt(node: RelayNode): Promise<boolean[]> {
  const tracks = (await relayOf(node)?.stats())?.egress?.tracks ?? []
  return tracks.filter(({ kind }) => kind === 'video').map(({ paused }) => paused === true)
}

async function watched(session: Session): Promise<string | undefined> {
  const tracks = (await session.stats())?.egress?.tracks ?? []
  return tracks.find(({ kind }) => kind === 'video')?.rid
}

it.each(['pull', 'push'] as const)('a viewer behind a %s sees all layers, and gets the one it chooses', async (how) => {
  const [origin, edge] = [await stage.node(WIDE), await stage.node(WIDE)]
  await origin.show.addSource(new SimulcastTracks())
  const relay = how === 'pull' ? edge.show.pull(origin.whep) : origin.show.push(edge.whip)
  await relay.whenConnected()
  const packets: TestPacket[] = []
  const viewer = await stage.viewer(edge.show, { onPacket: (packet) => void packets.push(packet), audio: false })
  await viewer.whenReceived({ keyframes: 1, frames: 10 }, SOON)
  const [session] = edge.show.viewers as [Session]
  await waitFor(
    'all layers',
    async () => (await session.layers())[0]?.layers.every(({ live }) => live) === true,
    20_000,
  )
  const [section] = await session.layers()
  expect(section?.layers.map(({ rid, height }) => [rid, height])).toEqual([
    ['0', 180],
    ['1', 360],
    ['2', 720],
  ])
  await session.preferLayer({ maxRid: '0' })
  await waitFor('two to be paused', async () => (await pausedAt(origin)).join() === 'false,true,true', 20_000)
  expect((await session.layers())[0]?.layers.map(({ live, paused }) => [live, paused])).toEqual([
    [true, undefined],
    [true, true],
    [true, true],
  ])
  await session.preferLayer(undefined)
  await waitFor('the best', async () => (await watched(session)) === '2', 20_000)
  await waitFor('the others to be paused', async () => (await pausedAt(origin)).join() === 'true,true,false', 20_000)
  await viewer.whenReceived({ frames: 10 }, { ...SOON, since: viewer.received })
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [i, packet] of packets.entries()) {
    const previous = packets[i - 1]
    if (previous) expect((packet.seq - previous.seq) & 0xffff).toBe(1)
  }
})

it('what nobody takes at the end of a chain is paused all along it, and wakes up all along it', async () => {
  const nodes = [await stage.node(WIDE), await stage.node(WIDE), await stage.node(WIDE)] as const
  await nodes[0].show.addSource(new SimulcastTracks())
  await nodes[1].show.pull(nodes[0].whep).whenConnected()
  await nodes[2].show.pull(nodes[1].whep).whenConnected()
  for (const node of [nodes[1], nodes[0]]) {
    const isQuiet = async () => (await pausedAt(node)).every((paused) => paused)
    await waitFor('all to be paused', async () => (await pausedAt(node)).length === 3 && (await isQuiet()), 30_000)
  }
  const viewer = await stage.viewer(nodes[2].show, { audio: false })
  await viewer.whenReceived({ keyframes: 1, frames: 10 }, SOON)
  for (const node of [nodes[0], nodes[1]]) expect((await pausedAt(node)).some((paused) => !paused)).toBe(true)
})
