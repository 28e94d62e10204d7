/** A broadcast out as plain RTP, over real sockets: what FFmpeg and transcribers get, without them. */
import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { isVp8KeyframeStart } from '../../../src/media/codecs/vp8.js'
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import { writePli } from '../../../src/rtp/rtcp/feedback.js'
import { writeReceiverReport } from '../../../src/rtp/rtcp/receiver-report.js'
import { RTCP_TYPE } from '../../../src/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import type { Codec } from '../../../src/rtp/types.js'
import { LocalTrack } from '../../../src/sources/local-track.js'
import { LocalTracks } from '../../../src/sources/local-tracks.js'
import { type RtpSink, rtpSink } from '../../../src/sources/rtp/rtp-sink.js'
import { rtpSource } from '../../../src/sources/rtp/rtp-source.js'
import { SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { systemClock } from '../../../src/util/clock.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const VP8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }

interface Packet {
  readonly seq: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payloadType: number
  readonly keyframe: boolean
}

/** A receiver of plain RTP and RTCP. */
class PlainReceiver {
  readonly packets: Packet[] = []
  readonly rtcpTypes: number[] = []
  /** Where RTCP came from. */
  #rtcpFrom: { port: number } | undefined

  private constructor(
    readonly rtp: Socket,
    readonly rtcp: Socket,
  ) {
    const header = new RtpHeader()
    rtp.on('message', (datagram) => {
      if (!header.parse(datagram, 0, datagram.length)) throw new Error('that is no RTP')
      const { seq, timestamp, ssrc, payloadType, headerLength } = header
      const keyframe = isVp8KeyframeStart(datagram, headerLength, datagram.length)
      this.packets.push({ seq, timestamp, ssrc, payloadType, keyframe })
    })
    const reader = new RtcpReader()
    rtcp.on('message', (datagram, from) => {
      this.#rtcpFrom = from
      if (!reader.reset(datagram, 0, datagram.length)) throw new Error('that is no RTCP')
      while (reader.next()) this.rtcpTypes.push(reader.packetType)
    })
  }

  static async open(): Promise<PlainReceiver> {
    for (;;) {
      const rtp = await bound(0)
      const rtcp = await bound(rtp.address().port + 1).catch(() => undefined)
      if (rtcp !== undefined) return new PlainReceiver(rtp, rtcp)
      rtp.close()
    }
  }

  get port(): number {
    return this.rtp.address().port
  }

  get keyframes(): number {
    return this.packets.filter(({ keyframe }) => keyframe).length
  }

  askForKeyframe(from = this.rtcp): void {
    const packet = Buffer.alloc(64)
    const at = writeReceiverReport(packet, 0, 77)
    const end = writePli(packet, at, 77, this.packets[0]?.ssrc ?? 0)
    from.send(packet.subarray(0, end), this.#rtcpFrom?.port ?? 0, '127.0.0.1')
  }

  close(): void {
    this.rtp.close()
    this.rtcp.close()
  }
}

function bound(port: number, ip = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, ip, () => resolve(socket))
  })
}

/** Each packet's number is one more than that of the one before. */
function expectContinuous(packets: readonly Packet[]): void {
  const steps = packets.slice(1).map(({ seq }, i) => (seq - (packets[i] as Packet).seq) & 0xffff)
  expect(steps.filter((step) => step !== 1)).toEqual([])
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
}

let broadcast: Broadcast
let video: PlainReceiver
let audio: PlainReceiver
let sink: RtpSink
const texts: string[] = []

beforeEach(async () => {
  broadcast = new Broadcast(TEST_OPTIONS)
  video = await PlainReceiver.open()
  audio = await PlainReceiver.open()
  texts.length = 0
})
afterEach(async () => {
  await sink?.close()
  await broadcast.close()
  video.close()
  audio.close()
})

function sinkFor(options: Partial<Parameters<typeof rtpSink>[0]> = {}): RtpSink {
  sink = rtpSink({ host: '127.0.0.1', ports: { video: video.port, audio: audio.port }, ...options })
  sink.on('sdp', (text) => texts.push(text))
  return sink
}

it('sends video from a keyframe on and audio, with reports and a description, and says goodbye', async () => {
  await broadcast.addSink(sinkFor())
  expect([sink.sdp, sink.stats()]).toEqual([undefined, undefined])
  const publisher = await joinPublisher(broadcast)
  await waitFor('packets', () => video.packets.length > 60 && audio.packets.length > 30)
  await waitFor('reports', () =>
    [video, audio].every(({ rtcpTypes }) => rtcpTypes.filter((type) => type === RTCP_TYPE.senderReport).length >= 2),
  )
  expect(video.packets[0]?.keyframe).toBe(true)
  expectContinuous(video.packets)
  expectContinuous(audio.packets)
  expect(texts).toHaveLength(1)
  expect(sink.sdp).toBe(texts[0])
  expect(texts[0]).toContain(`m=video ${video.port} RTP/AVPF 96\r\na=rtpmap:96 VP8/90000\r\n`)
  expect(texts[0]).toContain(`m=audio ${audio.port} RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n`)
  expect(new Set(video.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([96]))
  const rows = sink.stats()?.tracks.map(({ kind, codec, packetsSent }) => [kind, codec, packetsSent > 0])
  expect(rows).toEqual([
    ['video', 'VP8', true],
    ['audio', 'opus', true],
  ])
  await sink.close()
  await waitFor('goodbyes', () => [video, audio].every(({ rtcpTypes }) => rtcpTypes.includes(RTCP_TYPE.bye)))
  await publisher.close()
})

it('asks for keyframes when the receiver does, or the application for it, and not when others do', async () => {
  await broadcast.addSink(sinkFor())
  const publisher = await joinPublisher(broadcast)
  await waitFor('a beginning', () => video.keyframes > 0 && video.rtcpTypes.length > 0)
  const before = video.keyframes
  await waitFor('the one for the receiver', () => {
    // Right behind a keyframe it is not believed.
    video.askForKeyframe()
    return video.keyframes > before
  })
  const between = video.keyframes
  await waitFor('the one for the application', () => {
    sink.requestKeyframe()
    return video.keyframes > between
  })
  const stranger = await bound(0, '127.0.0.2')
  video.askForKeyframe(stranger)
  await waitFor('the stranger', () => sink.stats()?.refused.foreign === 1)
  stranger.close()
  expect(sink.stats()?.refused).toEqual({ foreign: 1, malformed: 0, unauthentic: 0 })
  expect(sink.stats()?.keyframeRequestsReceived).toBeGreaterThan(0)
  await publisher.close()
})

it('goes on in the same numbers with another publisher', async () => {
  await broadcast.addSink(sinkFor())
  const first = await joinPublisher(broadcast)
  await waitFor('packets', () => video.packets.length > 20)
  await joinPublisher(broadcast)
  await first.close()
  const before = video.packets.length
  const keyframes = video.keyframes
  await waitFor('packets of the other', () => video.packets.length > before + 30 && video.keyframes > keyframes)
  expectContinuous(video.packets)
  expectContinuous(audio.packets)
  expect(texts).toHaveLength(1)
})

it.each(['h', 'q', undefined])('sends the best layer, and none better than %s', async (layer) => {
  const config = defaultMediaConfig(systemClock.unixMs() - systemClock.nowMs())
  const layers = ['q', 'h', 'f'].map(
    (rid) => new ForwardedLayer({ rid, kind: 'video', extensions: [], config, wishes: { sendKeyframeRequest() {} } }),
  )
  const videos = layers.map((_, i) => new SyntheticVideo({ ssrc: i + 1, payloadType: 96, width: 320 * (i + 1) }))
  let extSeq = 0
  const timer = setInterval(() => {
    layers.forEach((forwarded, i) => {
      const made = videos[i] as SyntheticVideo
      made.keyframeWanted = true
      made.frame(20, (packet) => {
        forwarded.accept(packet, 0, packet.length, extSeq++, VP8, systemClock.nowMs())
      })
    })
  }, 20)
  const sends = sinkFor(layer === undefined ? {} : { layer })
  sends.setSource('other', { id: 'none', tracks: [] }, systemClock.nowMs())
  const track = { id: '0', kind: 'video' as const, extensions: [], layers }
  sends.setSource('main', { id: 'publisher', tracks: [track] }, systemClock.nowMs())
  await waitFor('the layer', () => sends.stats()?.tracks[0]?.rid === (layer ?? 'f'))
  await waitFor('packets', () => video.packets.length > 20)
  clearInterval(timer)
  expect(sends.stats()?.tracks[0]?.rid).toBe(layer ?? 'f')
})

it('describes itself anew when the codec changes, and leaves out what is not published', async () => {
  await broadcast.addSink(sinkFor())
  const track = new LocalTrack({ codec: 'VP8' })
  await broadcast.addSource(new LocalTracks([track]))
  const play = (data: number[]) => {
    let timestampUs = 0
    const timer = setInterval(() => {
      track.writeFrame({ data: Uint8Array.from(data), keyframe: true, timestampUs })
      timestampUs += 20_000
    }, 20)
    return () => clearInterval(timer)
  }
  const stop = play([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 48, 0, 1, 2, 3])
  await waitFor('a description', () => texts.length === 1)
  stop()
  expect(texts[0]).not.toContain('m=audio')
  track.setCodec('H264')
  // Parameter sets and a slice of an IDR picture, as far as anybody looks at them.
  const stopAgain = play([0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 0, 1, 0x68, 1, 0, 0, 0, 1, 0x65, 0x88, 1, 2])
  await waitFor('another description', () => texts.length === 2)
  stopAgain()
  expect(texts[1]).toContain('a=rtpmap:102 H264/90000')
  expectContinuous(video.packets)
  expect(new Set(video.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([96, 102]))
})

describe.each([
  { profile: 'AES_CM_128_HMAC_SHA1_80', key: Buffer.alloc(30, 3).toString('base64') },
  { profile: 'AEAD_AES_128_GCM', key: Buffer.alloc(28, 3).toString('base64') },
] as const)('with a key for $profile', (srtp) => {
  it.each([true, false])(
    'what it sends is what a source with that key takes; RTCP on the same port: %s',
    async (rtcpMux) => {
      const far = new Broadcast(TEST_OPTIONS)
      const source = rtpSource({ tracks: [{ codec: 'VP8' }, { codec: 'opus' }], srtp, rtcpMux })
      await far.addSource(source)
      const [videoPort = 0, audioPort = 0] = source.ports
      await broadcast.addSink(sinkFor({ ports: { video: videoPort, audio: audioPort }, srtp, rtcpMux }))
      const publisher = await joinPublisher(broadcast)
      await waitFor('both there, and reports', () =>
        source.stats().tracks.every((track) => track.packetsReceived > 20 && track.senderReportsReceived > 0),
      )
      await waitFor('its reports here', () => (sink.stats()?.tracks ?? []).some(({ rttMs }) => rttMs !== undefined))
      const counters = source.stats().tracks.map(({ datagrams }) => datagrams)
      for (const { unauthentic, replayed, malformed } of counters)
        expect([unauthentic, replayed, malformed]).toEqual([0, 0, 0])
      expect(sink.stats()?.refused).toEqual({ foreign: 0, malformed: 0, unauthentic: 0 })
      const viewer = await joinViewer(far)
      await viewer.whenReceived({ keyframes: 1, frames: 10, audioPackets: 10 })
      const before = publisher.sent.video.keyframes
      await waitFor('a keyframe', async () => {
        // Right behind a keyframe it is not believed.
        await viewer.requestKeyframe()
        return publisher.sent.video.keyframes > before
      })
      await viewer.close()
      await far.close()
      await publisher.close()
    },
  )
})
