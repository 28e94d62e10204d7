/** Over real sockets: a viewer's stream survives its publisher. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import type { TestPacket } from '../../../src/testing/index.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

/** A bound for what takes as long as the machine takes. */
const SOON = { withinMs: 15_000 }

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

it('keeps SSRC, sequence numbers and timestamps going when the publisher is replaced', async () => {
  const packets: TestPacket[] = []
  const onPacket = (packet: TestPacket) => void (packet.kind === 'video' && packets.push(packet))
  const viewer = await joinViewer(broadcast, {}, { onPacket })
  const first = await joinPublisher(broadcast)
  await viewer.whenReceived({ frames: 15 }, SOON)
  const second = await joinPublisher(broadcast)
  await waitFor('the first publisher is replaced', () => broadcast.publishers.length === 1)
  await viewer.whenReceived({ frames: 15, keyframes: 1 }, { ...SOON, since: viewer.received })
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [i, packet] of packets.entries()) {
    const previous = packets[i - 1]
    if (!previous) continue
    expect((packet.seq - previous.seq) & 0xffff).toBe(1)
    const step = (packet.timestamp - previous.timestamp) >>> 0
    if (previous.marker) expect(step).toBeGreaterThan(0)
    else expect(step).toBe(0)
    expect(step).toBeLessThan(90_000 * 5)
  }
  await Promise.all([first, second, viewer].map((client) => client.close()))
})

it('serves a viewer that waited, and lets it wait again', async () => {
  const viewer = await joinViewer(broadcast)
  const first = await joinPublisher(broadcast)
  await viewer.whenReceived({ frames: 5 }, SOON)
  await broadcast.publishers[0]?.close()
  expect(broadcast.live).toBe(false)
  await first.whenClosed()
  await first.close()
  const second = await joinPublisher(broadcast)
  await viewer.whenReceived({ frames: 5, keyframes: 1 }, { ...SOON, since: viewer.received })
  await Promise.all([second, viewer].map((client) => client.close()))
})

it('asks the publisher for a keyframe when a viewer does', async () => {
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  await viewer.whenReceived({ frames: 5 }, SOON)
  const before = publisher.keyframeRequests
  await waitFor('a keyframe request that reaches the publisher', async () => {
    await viewer.requestKeyframe()
    return publisher.keyframeRequests > before
  })
  await Promise.all([publisher, viewer].map((client) => client.close()))
})

it('forwards audio from its first packet on', async () => {
  const publisher = await joinPublisher(broadcast, { video: false })
  const viewer = await joinViewer(broadcast)
  await viewer.whenReceived({ audioPackets: 10 }, SOON)
  await Promise.all([publisher, viewer].map((client) => client.close()))
})
