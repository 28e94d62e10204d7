/** Over real sockets: a viewer's stream survives its publisher. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinPublisher, joinViewer, streamVideo, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

it('keeps SSRC, sequence numbers and timestamps going when the publisher is replaced', async () => {
  const viewer = await joinViewer(broadcast)
  const first = await joinPublisher(broadcast)
  const stopFirst = streamVideo(first)
  await waitFor('video of the first publisher', () => viewer.video.length >= 30)
  const second = await joinPublisher(broadcast)
  const stopSecond = streamVideo(second)
  await waitFor('the first publisher is replaced', () => broadcast.publishers.length === 1)
  const before = viewer.video.length
  await waitFor('video of the second publisher', () => viewer.video.length >= before + 30)
  stopFirst()
  stopSecond()
  const headers = viewer.video.map(({ header }) => header)
  expect(new Set(headers.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [i, header] of headers.entries()) {
    const previous = headers[i - 1]
    if (!previous) continue
    expect((header.sequenceNumber - previous.sequenceNumber) & 0xffff).toBe(1)
    const step = (header.timestamp - previous.timestamp) >>> 0
    expect(step).toBeGreaterThan(0)
    expect(step).toBeLessThan(90_000 * 5)
  }
  await Promise.all([first, second, viewer].map((client) => client.close()))
})

it('serves a viewer that waited, and lets it wait again', async () => {
  const viewer = await joinViewer(broadcast)
  const first = await joinPublisher(broadcast)
  const stop = streamVideo(first)
  await waitFor('video', () => viewer.video.length >= 10)
  stop()
  await broadcast.publishers[0]?.close()
  expect(broadcast.live).toBe(false)
  await first.close()
  const second = await joinPublisher(broadcast)
  const stopSecond = streamVideo(second)
  const before = viewer.video.length
  await waitFor('video again', () => viewer.video.length >= before + 10)
  stopSecond()
  await Promise.all([second, viewer].map((client) => client.close()))
})

it('asks the publisher for a keyframe when a viewer does', async () => {
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  const stop = streamVideo(publisher)
  await waitFor('video', () => viewer.video.length >= 10)
  const before = publisher.keyframeRequests
  await waitFor('a keyframe request that reaches the publisher', async () => {
    await viewer.requestKeyframe()
    return publisher.keyframeRequests > before
  })
  stop()
  await Promise.all([publisher, viewer].map((client) => client.close()))
})

it('forwards audio from its first packet on', async () => {
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  const timer = setInterval(() => publisher.sendAudio(), 20)
  await waitFor('audio', () => viewer.audio.length >= 10)
  clearInterval(timer)
  await Promise.all([publisher, viewer].map((client) => client.close()))
})
