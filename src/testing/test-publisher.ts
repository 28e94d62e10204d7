/** A publisher without a camera: a real WebRTC peer that sends synthetic VP8 and Opus at its own pace. */
import type { MediaStreamTrack, RtcpPacket } from 'werift'
import {
  connectPeer,
  createPeerConnection,
  type OfferExchange,
  type TestPeer,
  type TestPeerOptions,
} from './peer-connection.js'
import { SyntheticAudio, SyntheticVideo } from './synthetic-video.js'

/** The video of a {@link TestPublisher}. */
export interface TestVideoOptions {
  /** What keyframes state; default 640 and 360. */
  readonly width?: number
  readonly height?: number
  /** Default 30. */
  readonly framesPerSecond?: number
  /** About so much, in bits per second; default 500,000. Keyframes, which are four times larger than other frames, come on top. */
  readonly bitrateBps?: number
}

/** Options of {@link testPublisher}. */
export interface TestPublisherOptions extends TestPeerOptions {
  /** The video, or false for none. */
  readonly video?: TestVideoOptions | false
  /** Whether there is audio: 80 bytes every 20 ms. Default true. */
  readonly audio?: boolean
}

/** What a publisher has sent; what it was asked to send again is not counted. */
export interface SentMedia {
  readonly video: {
    readonly packets: number
    readonly bytes: number
    readonly frames: number
    readonly keyframes: number
  }
  readonly audio: { readonly packets: number; readonly bytes: number }
}

/** A peer that sends. */
export interface TestPublisher extends TestPeer {
  /** A snapshot of what was sent. */
  readonly sent: SentMedia
  /** How many PLIs and FIRs have come (RFC 4585, RFC 5104). Each is answered with a keyframe. */
  readonly keyframeRequests: number
  /** Sends nothing until `resume`; its connection stays. */
  pause(): void
  /** Goes on, with a keyframe. */
  resume(): void
}

/** PSFB, and its formats PLI and FIR (RFC 4585, section 6.3; RFC 5104, section 4.3.1). */
const PAYLOAD_FEEDBACK = 206
const KEYFRAME_REQUESTS = [1, 4]

/** About so much VP8 data goes into a packet. */
const PAYLOAD_BYTES = 1100
const AUDIO_FRAME_MS = 20
/** How far audio may be late, with a busy event loop, before packets are left out. */
const MAX_LATE_MS = 500

/**
 * Publishes VP8 and Opus over ICE, DTLS and SRTP, from 127.0.0.1: the server must be reachable there (`listenIps: '127.0.0.1'`). The contents
 * are filler: everything that an SFU looks at is right, but there is no picture to be seen.
 *
 * Resolves when it is connected; its media flows from then on, beginning with a keyframe, until `close`. Rejects with what `exchange` rejects
 * with, or if there is no connection in time, and with a `RangeError` for a video that cannot be.
 *
 * @example
 * ```ts
 * const publisher = await testPublisher(async (offer) => (await broadcast.addPublisher(offer)).sdp)
 * ```
 */
export async function testPublisher(
  exchange: OfferExchange,
  options: TestPublisherOptions = {},
): Promise<TestPublisher> {
  const media = new PublishedMedia(options)
  const { MediaStreamTrack } = await import('werift')
  const connection = await createPeerConnection()
  const track = (kind: 'video' | 'audio') => {
    const created = new MediaStreamTrack({ kind })
    const { sender } = connection.addTransceiver(created, { direction: 'sendonly' })
    if (kind === 'video') sender.onRtcp.subscribe((packet) => media.onRtcp(packet))
    return created
  }
  if (media.video !== undefined) media.videoTrack = track('video')
  if (media.audio !== undefined) media.audioTrack = track('audio')
  const peer = await connectPeer(connection, exchange, options)
  media.resume()
  const { offerSdp, answerSdp } = peer
  return {
    offerSdp,
    answerSdp,
    get state() {
      return peer.state
    },
    get sent() {
      return media.sent()
    },
    get keyframeRequests() {
      return media.keyframeRequests
    },
    pause: () => media.pause(),
    resume: () => media.resume(),
    whenClosed: (withinMs) => peer.whenClosed(withinMs),
    vanish: () => peer.vanish(),
    close() {
      media.pause()
      return peer.close()
    },
  }
}

/** The streams and the timers that drive them; timestamps follow the time that has really passed. */
class PublishedMedia {
  readonly video: SyntheticVideo | undefined
  readonly audio: SyntheticAudio | undefined
  videoTrack: MediaStreamTrack | undefined
  audioTrack: MediaStreamTrack | undefined
  keyframeRequests = 0
  readonly #framesPerSecond: number
  #timers: NodeJS.Timeout[] = []
  #videoMs = 0
  #audioMs = 0

  constructor({ video = {}, audio = true }: TestPublisherOptions) {
    // Numbers and SSRCs are set anew by the sender; what counts here is that they go on.
    const start = { ssrc: 1, payloadType: 96, seq: 1000, timestamp: 90_000 }
    const { framesPerSecond = 30, bitrateBps = 500_000, ...size } = video === false ? {} : video
    checkRange('framesPerSecond', framesPerSecond, 1, 240)
    checkRange('bitrateBps', bitrateBps, 10_000, 100_000_000)
    this.#framesPerSecond = framesPerSecond
    const frameBytes = bitrateBps / 8 / framesPerSecond
    const framePackets = Math.max(1, Math.round(frameBytes / PAYLOAD_BYTES))
    const packetBytes = Math.max(16, Math.round(frameBytes / framePackets))
    const sizes = { framePackets, keyframePackets: 4 * framePackets, packetBytes }
    if (video !== false) this.video = new SyntheticVideo({ ...start, ...size, ...sizes })
    if (audio) this.audio = new SyntheticAudio(start)
  }

  onRtcp(packet: RtcpPacket): void {
    if (!('feedback' in packet) || packet.type !== PAYLOAD_FEEDBACK) return
    // There is none where werift does not know the format.
    const { feedback } = packet as { readonly feedback?: { readonly count: number } }
    if (feedback === undefined || !KEYFRAME_REQUESTS.includes(feedback.count)) return
    this.keyframeRequests++
    if (this.video) this.video.keyframeWanted = true
  }

  resume(): void {
    this.pause()
    const now = performance.now()
    this.#audioMs = now - AUDIO_FRAME_MS
    if (this.video) {
      this.video.keyframeWanted = true
      this.#timers.push(setInterval(() => this.#sendVideo(), 1000 / this.#framesPerSecond))
      this.#sendVideo()
    }
    if (this.audio) {
      this.#timers.push(setInterval(() => this.#sendAudio(), AUDIO_FRAME_MS))
      this.#sendAudio()
    }
  }

  pause(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
  }

  sent(): SentMedia {
    const { video, audio } = this
    return {
      video: {
        packets: video?.packetsSent ?? 0,
        bytes: video?.bytesSent ?? 0,
        frames: video?.framesSent ?? 0,
        keyframes: video?.keyframesSent ?? 0,
      },
      audio: { packets: audio?.packetsSent ?? 0, bytes: audio?.bytesSent ?? 0 },
    }
  }

  #sendVideo(): void {
    const now = performance.now()
    // After the first frame, timestamps tell when a frame was captured, however late timers are.
    if (this.#videoMs > 0) this.video?.advance(now - this.#videoMs)
    this.#videoMs = now
    this.video?.frame(0, (packet) => this.videoTrack?.writeRtp(packet))
  }

  #sendAudio(): void {
    const now = performance.now()
    if (now - this.#audioMs > MAX_LATE_MS) {
      this.audio?.advance(now - this.#audioMs)
      this.#audioMs = now
    }
    for (; this.#audioMs + AUDIO_FRAME_MS <= now; this.#audioMs += AUDIO_FRAME_MS) {
      this.audio?.frame(AUDIO_FRAME_MS, (packet) => this.audioTrack?.writeRtp(packet))
    }
  }
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return
  throw new RangeError(`${name}: expected ${min} to ${max}, not ${value}`)
}
