/** Relays between real nodes, over HTTP and media on loopback. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TestPacket } from '../../../src/testing/index.js'
import { RelayStage } from '../../support/relay-node.js'
import { waitFor } from '../../support/wait-for.js'

/** A bound for what takes as long as the machine takes. */
const SOON = { withinMs: 15_000 }
const MEDIA = { keyframes: 1, frames: 15, audioPackets: 20 }

let stage: RelayStage
beforeEach(() => {
  stage = new RelayStage()
})
afterEach(() => stage.close())

it('a pull brings what is published on another node, and its end is an end there', async () => {
  const [origin, edge] = [await stage.node({ nodeId: 'origin' }), await stage.node({ nodeId: 'edge' })]
  await stage.publisher(origin.show)
  const relay = edge.show.pull(origin.whep)
  await relay.whenConnected()
  const viewer = await stage.viewer(edge.show)
  await viewer.whenReceived(MEDIA, SOON)
  expect(relay.path).toEqual(['origin'])
  expect(relay.session?.relay).toEqual({ path: ['origin'] })
  expect(origin.show.viewers.map((session) => session.relay)).toEqual([{ path: ['edge'] }])
  expect([origin.show.viewerCount, edge.show.viewerCount]).toEqual([0, 1])
  expect((await relay.stats()).session?.ingest).toBeDefined()
  await relay.close()
  expect([origin.show.viewers, edge.show.publishers]).toEqual([[], []])
})

it('a push brings what is published here to another node, and its end is an end there', async () => {
  const [origin, edge] = [await stage.node({ nodeId: 'origin' }), await stage.node({ nodeId: 'edge' })]
  await stage.publisher(origin.show, {})
  const relay = origin.show.push(edge.whip)
  await relay.whenConnected()
  const viewer = await stage.viewer(edge.show)
  await viewer.whenReceived(MEDIA, SOON)
  expect(relay.path).toEqual(['edge'])
  expect(edge.show.publishers.map((session) => session.relay)).toEqual([{ path: ['origin'] }])
  await relay.close()
  await waitFor('the end there', () => edge.show.publishers.length === 0)
  expect(origin.show.viewers).toEqual([])
})

it('a push begins before there is anything to push', async () => {
  const [origin, edge] = [await stage.node(), await stage.node()]
  const relay = origin.show.push(edge.whip)
  await relay.whenConnected()
  const viewer = await stage.viewer(edge.show)
  await stage.publisher(origin.show)
  await viewer.whenReceived(MEDIA, SOON)
})

it('takes of several publishers the one that it is to', async () => {
  const [origin, edge] = [await stage.node(), await stage.node()]
  const camera = await origin.show.offerPublisher({ as: 'camera' })
  const source = await stage.node()
  await stage.publisher(source.show)
  await camera.accept((await source.show.addViewer(camera.sdp)).sdp)
  const relay = edge.show.pull(origin.whep, { as: 'camera' })
  await relay.whenConnected()
  const viewer = await stage.viewer(edge.show)
  await viewer.whenReceived(MEDIA, SOON)
  expect(edge.show.publishers.map((session) => session.as)).toEqual(['camera'])
  const refused = edge.show.pull(origin.whep, { as: 'nobody' })
  await refused.whenConnected()
  expect((await refused.stats()).session?.transport?.rtpPacketsIn).toBe(0)
})

it('a keyframe that a viewer asks for is asked of the publisher, three nodes away', async () => {
  const nodes = [await stage.node(), await stage.node(), await stage.node()] as const
  const publisher = await stage.publisher(nodes[0].show)
  await nodes[1].show.pull(nodes[0].whep).whenConnected()
  await nodes[2].show.pull(nodes[1].whep).whenConnected()
  const viewer = await stage.viewer(nodes[2].show)
  await viewer.whenReceived({ frames: 5 }, SOON)
  const before = publisher.keyframeRequests
  await waitFor('a keyframe request that reaches the publisher', async () => {
    await viewer.requestKeyframe()
    return publisher.keyframeRequests > before
  })
})

it('moves to another upstream while viewers watch, whose streams go on', async () => {
  const [first, second, edge] = [await stage.node(), await stage.node(), await stage.node()]
  await stage.publisher(first.show)
  await stage.publisher(second.show)
  const relay = edge.show.pull(first.whep)
  await relay.whenConnected()
  const packets: TestPacket[] = []
  const onPacket = (packet: TestPacket) => void (packet.kind === 'video' && packets.push(packet))
  const viewer = await stage.viewer(edge.show, { onPacket })
  await viewer.whenReceived({ frames: 10 }, SOON)
  let idle = 0
  edge.show.on('idle', () => idle++)
  await relay.switchTo(second.whep)
  await viewer.whenReceived({ frames: 15, keyframes: 1 }, { ...SOON, since: viewer.received })
  expect(relay.url).toBe(second.whep)
  await waitFor('the first is left', () => first.show.viewers.length === 0)
  expect([idle, edge.show.publishers.length, relay.state]).toEqual([0, 1, 'connected'])
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [i, packet] of packets.entries()) {
    const previous = packets[i - 1]
    if (previous) expect((packet.seq - previous.seq) & 0xffff).toBe(1)
  }
})

it('a push moves as well', async () => {
  const [origin, first, second] = [await stage.node(), await stage.node(), await stage.node()]
  await stage.publisher(origin.show)
  const relay = origin.show.push(first.whip)
  await relay.whenConnected()
  await relay.switchTo(second.whip)
  const viewer = await stage.viewer(second.show)
  await viewer.whenReceived(MEDIA, SOON)
  await waitFor('the first is left', () => first.show.publishers.length === 0)
})

it('comes back when the upstream ends its session, and gives up when the name is taken here', async () => {
  const [origin, edge] = [await stage.node(), await stage.node()]
  await stage.publisher(origin.show)
  const relay = edge.show.pull(origin.whep, { reconnect: { firstDelayMs: 10 } })
  await relay.whenConnected()
  const viewer = await stage.viewer(edge.show)
  await viewer.whenReceived({ frames: 5 }, SOON)
  await origin.show.viewers[0]?.close()
  await waitFor('another session', async () => (await relay.stats()).connections === 2)
  await viewer.whenReceived({ frames: 5 }, { ...SOON, since: viewer.received })
  await stage.publisher(edge.show)
  await waitFor('the end of the relay', () => relay.state === 'closed')
  await waitFor('the end there', () => origin.show.viewers.length === 0)
})

it('follows a redirect to another node', async () => {
  const origin = await stage.node({ nodeId: 'origin' })
  const front = await stage.node({}, { redirect: () => origin.whep })
  const edge = await stage.node()
  await stage.publisher(origin.show)
  const relay = edge.show.pull(front.whep)
  await relay.whenConnected()
  expect(relay.path).toEqual(['origin'])
  await relay.close()
  expect(origin.show.viewers).toEqual([])
})

it('two servers have any number of relays between them, in both directions', async () => {
  const [a, b] = [await stage.node(), await stage.node()]
  await stage.publisher(a.show)
  await stage.publisher(b.show)
  const relays = [
    ...['one', 'two', 'three'].map((name) => b.sfu.broadcast(name).pull(a.whep)),
    a.sfu.broadcast('four').pull(b.whep),
    a.show.push(b.whip.replace('show', 'five')),
  ]
  await Promise.all(relays.map((relay) => relay.whenConnected()))
  for (const [node, name] of [
    [b, 'one'],
    [b, 'two'],
    [b, 'three'],
    [a, 'four'],
    [b, 'five'],
  ] as const) {
    const viewer = await stage.viewer(node.sfu.broadcast(name))
    await viewer.whenReceived(MEDIA, SOON)
    expect(viewer.received.video.lost).toBe(0)
  }
  const ports = async () => (await a.sfu.stats()).shards.map(({ datagrams }) => datagrams.srtpUnknownAddress)
  expect(await ports()).toEqual([0])
})
