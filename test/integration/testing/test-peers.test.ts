/** The peers of the kit with a real broadcast, over real sockets. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import {
  assertLossAtMost,
  assertReceivedFrames,
  assertReceivedPackets,
  testPublisher,
  testViewer,
} from '../../../src/testing/index.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const SOON = { withinMs: 15_000 }

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

it('publish and watch: what was sent is what comes', async () => {
  const publisher = await joinPublisher(broadcast, { video: { width: 320, height: 180, bitrateBps: 300_000 } })
  const viewer = await joinViewer(broadcast)
  await viewer.whenReceived({ keyframes: 1, frames: 30, audioPackets: 30 }, SOON)
  publisher.pause()
  const { sent } = publisher
  await waitFor('all of it', () => viewer.received.audio.packets > 0 && viewer.received.video.lost === 0)
  const { video, audio } = viewer.received
  expect(video).toMatchObject({ width: 320, height: 180 })
  expect(video.frames).toBeLessThanOrEqual(sent.video.frames)
  expect(video.keyframes).toBeLessThanOrEqual(sent.video.keyframes)
  expect(audio.packets).toBeLessThanOrEqual(sent.audio.packets)
  assertReceivedFrames(viewer, 30)
  assertReceivedPackets(viewer, 'audio', 30)
  assertLossAtMost(viewer, 0)
  await Promise.all([publisher.close(), viewer.close()])
  expect([publisher.state, viewer.state]).toEqual(['closed', 'closed'])
})

it('a publisher answers a request with a keyframe, rests and goes on', async () => {
  const publisher = await joinPublisher(broadcast)
  const viewer = await joinViewer(broadcast)
  await viewer.whenReceived({ frames: 1 }, SOON)
  const before = viewer.received
  await waitFor('a request', async () => {
    await viewer.requestKeyframe()
    return publisher.keyframeRequests > 0
  })
  await viewer.whenReceived({ keyframes: 1 }, { ...SOON, since: before })
  publisher.pause()
  const rest = publisher.sent
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(publisher.sent).toEqual(rest)
  publisher.resume()
  await viewer.whenReceived({ frames: 5, keyframes: 1, audioPackets: 5 }, { ...SOON, since: viewer.received })
  await Promise.all([publisher.close(), viewer.close()])
})

it('sends about as much as it was told', async () => {
  const publisher = await joinPublisher(broadcast, {
    audio: false,
    video: { bitrateBps: 400_000, framesPerSecond: 25 },
  })
  await waitFor('50 frames', () => publisher.sent.video.frames >= 50)
  const { bytes, frames, keyframes } = publisher.sent.video
  const ofOne = bytes / (frames + 3 * keyframes)
  expect(ofOne).toBeGreaterThan(0.95 * (400_000 / 8 / 25))
  expect(ofOne).toBeLessThan(1.05 * (400_000 / 8 / 25))
  await publisher.close()
})

it('hears of its end when the server ends the session', async () => {
  const viewer = await joinViewer(broadcast)
  await waitFor('it has joined', () => broadcast.viewers.length === 1)
  expect(viewer.state).toBe('connected')
  await broadcast.viewers[0]?.kick()
  await viewer.whenClosed(15_000)
  expect(viewer.state).toBe('closed')
  await viewer.close()
})

it('says what has not come', async () => {
  const viewer = await joinViewer(broadcast)
  const wait = viewer.whenReceived({ frames: 3, audioPackets: 0 }, { withinMs: 20 })
  await expect(wait).rejects.toThrow('the viewer has received 0 of 3 frames within 20 ms')
  await expect(viewer.whenReceived({ frame: 3 } as never)).rejects.toThrow(TypeError)
  await viewer.close()
})

it('rejects with what the exchange rejects with, and when there is no connection in time', async () => {
  const refused = new Error('403')
  await expect(testViewer(() => Promise.reject(refused))).rejects.toBe(refused)
  await expect(testPublisher(async () => ({ sdp: 'v=0' }) as never)).rejects.toThrow('SDP text')
  const silent = testViewer(() => new Promise(() => {}), { connectWithinMs: 50 })
  await expect(silent).rejects.toThrow('the peer was not connected within 50 ms')
  await expect(testPublisher(() => '', { video: { framesPerSecond: 0 } })).rejects.toThrow(RangeError)
})

it('offers what it was told to', async () => {
  const viewer = await joinViewer(broadcast, {}, { audio: false })
  expect(viewer.offerSdp).toContain('m=video')
  expect(viewer.offerSdp).not.toContain('m=audio')
  expect(viewer.answerSdp).toContain('a=ice-lite')
  await viewer.close()
})
