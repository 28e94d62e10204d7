/** Files in a real Sfu, watched over ICE, DTLS and SRTP: what arrives is put together again, whatever the codec and the container. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift'
import { Sfu } from '../../../dist/index.js'
import { fileSource } from '../../../dist/sources/index.js'
import { createDepacketizer } from '../../../src/media/payload/create-depacketizer.js'
import { readFrameFacts } from '../../../src/media/payload/frame-facts.js'
import type { Codec } from '../../../src/rtp/types.js'
import { videoCodec } from '../../../src/sources/files/video-facts.js'
import { waitFor } from '../../support/wait-for.js'

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/media/${name}`, import.meta.url))

/** What a viewer takes. H264 of the High profile, as FFmpeg writes it where nobody says otherwise. */
const VIDEO: readonly Codec[] = [
  videoCodec('VP8'),
  videoCodec('VP9', { 'profile-id': '0' }),
  videoCodec('AV1', { profile: '0' }),
  videoCodec('H264', { 'packetization-mode': '1', 'profile-level-id': '640c1f', 'level-asymmetry-allowed': '1' }),
  videoCodec('H264', { 'packetization-mode': '1', 'profile-level-id': '64001f', 'level-asymmetry-allowed': '1' }),
  videoCodec('H265', { 'profile-id': '1', 'tx-mode': 'SRST' }),
]

const OPUS = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: 111 })

/** Watches, and puts frames together; packets of loopback come in order. */
class Viewer {
  readonly connection = new RTCPeerConnection({
    iceServers: [],
    bundlePolicy: 'max-bundle',
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    codecs: {
      audio: [OPUS],
      video: VIDEO.map(({ name, parameters }, i) => {
        const pairs = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
        return new RTCRtpCodecParameters({
          mimeType: `video/${name}`,
          clockRate: 90_000,
          payloadType: 96 + i,
          parameters: pairs.join(';'),
          rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
        })
      }),
    },
  })
  readonly frames: { readonly keyframe: boolean; readonly width: number | undefined; readonly timestamp: number }[] = []
  readonly broken: number[] = []
  audio = 0
  codec: Codec | undefined
  #payloads: Uint8Array[] = []

  constructor() {
    for (const kind of ['video', 'audio'] as const) this.connection.addTransceiver(kind, { direction: 'recvonly' })
    this.connection.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ header, payload }) => {
        if (track.kind === 'audio') this.audio++
        else this.#video(header.payloadType, header.marker, header.timestamp, payload)
      })
    })
  }

  #video(payloadType: number, marker: boolean, timestamp: number, payload: Uint8Array): void {
    if (payload.length === 0) return
    this.codec = VIDEO[payloadType - 96]
    this.#payloads.push(new Uint8Array(payload))
    if (!marker) return
    const payloads = this.#payloads.splice(0)
    const codec = this.codec as Codec
    const frame = createDepacketizer(codec).depacketize(payloads)
    if (frame === undefined) this.broken.push(timestamp)
    else {
      const { keyframe, width } = readFrameFacts(codec, frame)
      this.frames.push({ keyframe, width, timestamp })
    }
  }
}

let sfu: Sfu
beforeAll(() => {
  sfu = new Sfu({ listenIps: '127.0.0.1' })
})
afterAll(() => sfu.close())

describe.concurrent.each([
  ['vp8.webm', 'VP8', true],
  ['vp9.webm', 'VP9', true],
  ['av1.mkv', 'AV1', true],
  ['h264.mp4', 'H264', true],
  ['h264.mkv', 'H264', true],
  ['h265.mp4', 'H265', true],
  ['h265.mkv', 'H265', true],
  ['h265-fragmented.mp4', 'H265', true],
  ['h265.mov', 'H265', false],
  ['vp8.ivf', 'VP8', false],
  ['vp9.ivf', 'VP9', false],
  ['av1.ivf', 'AV1', false],
  ['film.h264', 'H264', false],
  ['film.h265', 'H265', false],
] as const)('%s', (name, codecName, hasAudio) => {
  it('is watched by who comes late, from its last keyframe on, over the loop', async () => {
    const broadcast = sfu.broadcast(name)
    const source = fileSource(fixture(name), { loop: true })
    const session = await broadcast.addSource(source)
    // What the viewer is shown first is of the past then.
    await waitFor('the file is under way', () => (source.stats().progress?.positionMs ?? 0) > 300)
    const viewer = new Viewer()
    await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
    const { sdp } = await broadcast.addViewer(viewer.connection.localDescription?.sdp ?? '')
    await viewer.connection.setRemoteDescription({ type: 'answer', sdp })
    await waitFor('three seconds of pictures come', () => viewer.frames.length >= 45)
    expect(viewer.codec?.name).toBe(codecName)
    expect(viewer.frames[0]).toMatchObject({ keyframe: true, width: 160 })
    expect(viewer.frames.filter(({ keyframe }) => keyframe).length).toBeGreaterThanOrEqual(3)
    expect(viewer.broken).toEqual([])
    const steps = viewer.frames
      .slice(1)
      .map(({ timestamp }, i) => (timestamp - (viewer.frames[i]?.timestamp ?? 0)) >>> 0)
    // 15 pictures a second, once the viewer has caught up with what it was given at the start. Some steps are others: at the end of the file the last
    // picture is shown until the sound is over, and where this machine was late the rest is put off.
    const steady = steps.slice(15).sort((a, b) => a - b)
    expect(Math.abs((steady[steady.length >> 1] as number) - 6000)).toBeLessThan(100)
    expect(steady[0]).toBeGreaterThan(0)
    expect(steady.at(-1)).toBeLessThan(90_000)
    if (hasAudio) expect(viewer.audio).toBeGreaterThan(90)
    await viewer.connection.close()
    await session.close()
    expect(source.stats().state).toBe('closed')
  })
})

it('ends the session when everything was played, and rejects what cannot be', async () => {
  const broadcast = sfu.broadcast('short')
  const session = await broadcast.addSource(fileSource(fixture('opus.ogg'), { startAtMs: 1700 }))
  const reason = await new Promise((resolve) => session.on('closed', resolve))
  expect(reason).toBe('source-ended')
  await expect(broadcast.addSource(fileSource(fixture('h264-aac.mp4')))).rejects.toMatchObject({
    code: 'track-unsupported',
  })
  await expect(broadcast.addSource(fileSource(fixture('nothing.webm')))).rejects.toMatchObject({
    code: 'file-unreadable',
  })
  expect(broadcast.sessions()).toEqual([])
})
