/** Plain RTP into a broadcast, over real sockets: what FFmpeg and cameras do, without them. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { type RtpSource, rtpSource } from '../../../src/sources/rtp/rtp-source.js'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { testViewer } from '../../../src/testing/test-viewer.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { boundSocket, closeSocket, PlainSender } from '../../support/plain-sender.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast

beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(async () => {
  await PlainSender.closeAll()
  await broadcast.close()
})

const camera = (ssrc: number) => new SyntheticVideo({ ssrc, payloadType: 33, framePackets: 2 })
const view = () => testViewer(async (offer) => (await broadcast.addViewer(offer)).sdp)
const tracksOf = (source: RtpSource) => source.stats().tracks

it('is watched like any publisher, video and audio; keyframes are asked for and come', async () => {
  const source = rtpSource({ tracks: [{ codec: 'VP8' }, { codec: 'opus' }] })
  expect(source.ports).toEqual([0, 0])
  const session = await broadcast.addSource(source, { as: 'camera' })
  expect([session.role, session.as, session.state]).toEqual(['publisher', 'camera', 'connected'])
  const [videoPort = 0, audioPort = 0] = source.ports
  expect([videoPort % 2, audioPort % 2]).toEqual([0, 0])
  const video = camera(7)
  const sender = await PlainSender.start(video, videoPort)
  await PlainSender.start(new SyntheticAudio({ ssrc: 8, payloadType: 34 }), audioPort)
  const viewer = await view()
  await viewer.whenReceived({ keyframes: 1, frames: 20, audioPackets: 20 })
  const before = viewer.received.video.keyframes
  await waitFor('another keyframe', async () => {
    // Right behind a keyframe it is not believed.
    await viewer.requestKeyframe()
    return viewer.received.video.keyframes > before
  })
  await waitFor('the reports to it', () =>
    sender.rtcpReceived.some((packet) => packet[1] === 201 && packet[0] === 0x81),
  )
  const [videoStats, audioStats] = tracksOf(source)
  expect(videoStats).toMatchObject({ kind: 'video', codec: 'VP8', port: videoPort, packetsLost: 0, fractionLost: 0 })
  expect(videoStats?.senderReportsReceived).toBeGreaterThan(0)
  expect(audioStats).toMatchObject({ kind: 'audio', codec: 'opus', port: audioPort, packetsLost: 0 })
  expect([viewer.received.video.lost, viewer.received.audio.lost]).toEqual([0, 0])
  await viewer.close()
  await session.close()
  // The ports are free again.
  const again = rtpSource({ codec: 'VP8', port: videoPort })
  await again.ready()
  await again.close()
})

it('goes on with a sender that was killed and started again, and with nobody else meanwhile', async () => {
  const source = rtpSource({ codec: 'VP8', timeoutMs: 500 })
  const told: string[] = []
  source.on('sender', ({ track }) => told.push(`sender ${track}`))
  source.on('silence', ({ track }) => told.push(`silence ${track}`))
  await broadcast.addSource(source)
  const [port = 0] = source.ports
  const first = await PlainSender.start(camera(7), port)
  const viewer = await view()
  await viewer.whenReceived({ frames: 10 })
  const stranger = await PlainSender.start(camera(9), port)
  await waitFor('packets of a stranger', () => (tracksOf(source)[0]?.datagrams.foreign ?? 0) > 10)
  await stranger.close()
  await first.close()
  await waitFor('silence', () => told.includes('silence 0'))
  const keyframes = viewer.received.video.keyframes
  const frames = viewer.received.video.frames
  await PlainSender.start(camera(8), port)
  await viewer.whenReceived({ keyframes: keyframes + 1, frames: frames + 20 })
  expect(told).toEqual(['sender 0', 'silence 0', 'sender 0'])
  expect(viewer.received.video.lost).toBe(0)
  await viewer.close()
})

it('survives garbage at both ports, and counts it', async () => {
  const source = rtpSource({ codec: 'VP8' })
  await broadcast.addSource(source)
  const [port = 0] = source.ports
  const stranger = await boundSocket()
  const datagrams = [0, 1, 8, 11, 12, 40, 1400].map((length) => Buffer.alloc(length, 0x83))
  for (const datagram of datagrams) for (const to of [port, port + 1]) stranger.send(datagram, to, '127.0.0.1')
  await waitFor('the garbage', () => (tracksOf(source)[0]?.datagrams.received ?? 0) >= 2 * datagrams.length)
  await closeSocket(stranger)
  await PlainSender.start(camera(7), port)
  const viewer = await view()
  await viewer.whenReceived({ frames: 5 })
  await viewer.close()
})

it('says what cannot be opened, and is in one broadcast once', async () => {
  const taken = rtpSource({ codec: 'VP8' })
  await taken.ready()
  const [port = 0] = taken.ports
  await expect(broadcast.addSource(rtpSource({ codec: 'VP8', port }))).rejects.toMatchObject({ code: 'socket-failed' })
  await expect(broadcast.addSource(rtpSource({ codec: 'VP8', port: port + 1 }))).rejects.toMatchObject({
    code: 'socket-failed',
  })
  await broadcast.addSource(taken)
  await expect(broadcast.addSource(taken, { as: 'again' })).rejects.toMatchObject({ code: 'request-invalid' })
  await taken.close()
  await expect(taken.ready()).rejects.toMatchObject({ code: 'closed' })
})
