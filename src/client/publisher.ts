/** A stream on its way to a server, by WHIP (RFC 9725). */
import { ClientError } from './client-error.js'
import { ClientSession } from './client-session.js'
import { preferCodecs } from './media-codecs.js'
import type { Resource } from './resource.js'
import { sendEncodings, type VideoEncodingOptions } from './send-encodings.js'
import type { SessionOptions } from './session-options.js'

/** Options of `publish`. */
export interface PublishOptions extends SessionOptions, VideoEncodingOptions {
  /** Codecs by name, best first, such as `['VP9', 'H264']`; the browser's others follow in its own order. Default: that order. */
  readonly videoCodecs?: readonly string[]
  /** The same for audio. */
  readonly audioCodecs?: readonly string[]
  /** What the encoder gives up first when it cannot have all. Default: the browser's own, by the track's `contentHint`. */
  readonly degradation?: RTCDegradationPreference
}

/** What `publish` returns. */
export class Publisher extends ClientSession<Record<never, never>> {
  /** @internal */
  declare readonly options: PublishOptions
  readonly #stream: MediaStream
  /** What is sent of each kind, or nothing for the time being. */
  readonly #tracks: Map<string, MediaStreamTrack | null>
  readonly #senders = new Map<string, RTCRtpSender>()

  /** @internal */
  constructor(stream: MediaStream, url: string | URL, options: PublishOptions) {
    super(url, options, false)
    this.#stream = stream
    this.#tracks = new Map(stream.getTracks().map((track) => [track.kind, track]))
    this.start()
  }

  /**
   * Sends `track` in place of the one of that kind, or nothing with null; viewers go on without a break, and it holds over reconnects.
   *
   * Rejects with `unsupported` where the stream had no track of that kind: what is negotiated with WHIP stays as it is. With `failed` if the browser cannot
   * go on with it.
   */
  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void> {
    if (!this.#tracks.has(kind)) throw new ClientError('unsupported', `the stream was published without ${kind}`)
    try {
      await this.#senders.get(kind)?.replaceTrack(track)
    } catch (error) {
      throw ClientError.from(error)
    }
    this.#tracks.set(kind, track)
  }

  /** @internal */
  override prepare(connection: RTCPeerConnection): void {
    const { audioCodecs, videoCodecs } = this.options
    for (const [kind, track] of this.#tracks) {
      const isVideo = kind === 'video'
      const transceiver = connection.addTransceiver(track ?? kind, {
        direction: 'sendonly',
        streams: [this.#stream],
        ...(isVideo && { sendEncodings: sendEncodings(this.options) }),
      })
      this.#senders.set(kind, transceiver.sender)
      const names = isVideo ? videoCodecs : audioCodecs
      // Those that can be received are what it takes, also for what is only sent (W3C WebRTC, section 5.4.1).
      const { codecs = [] } = RTCRtpReceiver.getCapabilities(kind) ?? {}
      if (names) transceiver.setCodecPreferences(preferCodecs(codecs, names))
    }
  }

  /** @internal */
  override onOpen(resource: Resource): void {
    super.onOpen(resource)
    const { degradation } = this.options
    const sender = this.#senders.get('video')
    if (!degradation || !sender) return
    const parameters = sender.getParameters()
    parameters.degradationPreference = degradation
    // A wish: a browser without it goes by its own.
    void sender.setParameters(parameters).catch(() => {})
  }
}
