/** A viewer without a screen: a real WebRTC peer that counts what it receives. */
import type { RtpPacket } from 'werift'
import {
  connectPeer,
  createPeerConnection,
  DEFAULT_WAIT_MS,
  type OfferExchange,
  type TestPeer,
  type TestPeerOptions,
} from './peer-connection.js'
import { checkWanted, missingMedia, type ReceivedMedia, type WantedMedia } from './received-media.js'
import { ReceivedStream } from './received-stream.js'
import { ReceivedVideo } from './received-video.js'

/** One RTP packet as it came out of SRTP (RFC 3550, section 5.1). */
export interface TestPacket {
  readonly kind: 'audio' | 'video'
  readonly ssrc: number
  readonly payloadType: number
  /** 16 bit. */
  readonly seq: number
  /** 32 bit, in the clock rate of the codec. */
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Uint8Array
}

/** Options of {@link testViewer}. */
export interface TestViewerOptions extends TestPeerOptions {
  /** Whether it wants video; default true. */
  readonly video?: boolean
  /** Whether it wants audio; default true. */
  readonly audio?: boolean
  /** Called with every packet that comes, repairs as the packets that they replace. */
  readonly onPacket?: (packet: TestPacket) => void
}

/** How {@link TestViewer.whenReceived} waits. */
export interface WaitOptions {
  /** What does not count, because it had come before: an earlier `received`. Default nothing, so that everything since the start counts. */
  readonly since?: ReceivedMedia
  /** In milliseconds; default 5000. */
  readonly withinMs?: number
}

/** A peer that receives. */
export interface TestViewer extends TestPeer {
  /** A snapshot of what was received since the start. */
  readonly received: ReceivedMedia
  /** Resolves once all that is wanted has come. Rejects if it has not in time, and says what was missing. */
  whenReceived(wanted: WantedMedia, options?: WaitOptions): Promise<void>
  /** Asks for a keyframe by a PLI (RFC 4585, section 6.3.1); does nothing before the first video packet, which says the SSRC. */
  requestKeyframe(): Promise<void>
}

/**
 * Watches over ICE, DTLS and SRTP, from 127.0.0.1: the server must be reachable there (`listenIps: '127.0.0.1'`). It reports, acknowledges
 * and asks for lost packets like any other receiver, and decodes nothing.
 *
 * Resolves when it is connected, whether there is a publisher or not. Rejects with what `exchange` rejects with, or if there is no connection in
 * time.
 *
 * @example
 * ```ts
 * const viewer = await testViewer(async (offer) => (await broadcast.addViewer(offer)).sdp)
 * await viewer.whenReceived({ keyframes: 1, frames: 10, audioPackets: 5 })
 * ```
 */
export async function testViewer(exchange: OfferExchange, options: TestViewerOptions = {}): Promise<TestViewer> {
  const connection = await createPeerConnection()
  const media = new ViewedMedia(options.onPacket)
  const receiver =
    options.video === false ? undefined : connection.addTransceiver('video', { direction: 'recvonly' }).receiver
  if (options.audio !== false) connection.addTransceiver('audio', { direction: 'recvonly' })
  connection.onTrack.subscribe((track) => {
    const kind = track.kind === 'video' ? 'video' : 'audio'
    track.onReceiveRtp.subscribe((packet) => media.receive(kind, packet))
  })
  const peer = await connectPeer(connection, exchange, options)
  const { offerSdp, answerSdp } = peer
  return {
    offerSdp,
    answerSdp,
    get state() {
      return peer.state
    },
    get received() {
      return media.snapshot()
    },
    whenReceived: (wanted, wait) => media.whenReceived(wanted, wait),
    async requestKeyframe() {
      if (media.videoSsrc !== undefined) await receiver?.sendRtcpPLI(media.videoSsrc)
    },
    whenClosed: (withinMs) => peer.whenClosed(withinMs),
    vanish: () => peer.vanish(),
    close: () => peer.close(),
  }
}

class ViewedMedia {
  videoSsrc: number | undefined
  readonly #video = new ReceivedVideo()
  readonly #audio = new ReceivedStream()
  readonly #waiting = new Set<() => void>()

  constructor(private readonly onPacket: ((packet: TestPacket) => void) | undefined) {}

  receive(kind: 'audio' | 'video', { header, payload }: RtpPacket): void {
    const { ssrc, payloadType, sequenceNumber: seq, timestamp, marker } = header
    const packet = { kind, ssrc, payloadType, seq, timestamp, marker, payload }
    const nowMs = performance.now()
    if (kind === 'video') {
      this.videoSsrc = ssrc
      this.#video.add(packet, nowMs)
    } else this.#audio.add(ssrc, seq, payload.length, nowMs)
    for (const look of this.#waiting) look()
    this.onPacket?.(packet)
  }

  snapshot(): ReceivedMedia {
    const nowMs = performance.now()
    return { video: this.#video.stats(nowMs), audio: this.#audio.stats(nowMs) }
  }

  async whenReceived(wanted: WantedMedia, { since, withinMs = DEFAULT_WAIT_MS }: WaitOptions = {}): Promise<void> {
    checkWanted(wanted)
    await new Promise<void>((resolve, reject) => {
      const missing = (): string => missingMedia(wanted, this.snapshot(), since)
      const look = (): void => {
        if (missing() !== '') return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`the viewer has received ${missing()} within ${withinMs} ms`))
      }, withinMs)
      this.#waiting.add(look)
      look()
    })
  }
}
