/** A stream on its way to a server, by WHIP (RFC 9725). */
import { ClientError } from './client-error.js'
import { ClientSession } from './client-session.js'
import { preferCodecs } from './media-codecs.js'
import { sendEncodings, type VideoEncodingOptions } from './send-encodings.js'
import type { SessionOptions, Urls } from './session-options.js'

/** What a track is of. */
type Kind = 'audio' | 'video'

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
  /** @internal What it sends flows as soon as it is connected. */
  protected override readonly isWell = true
  readonly #stream: MediaStream
  /** What is sent of each kind, or nothing for the time being. */
  readonly #tracks: Map<Kind, MediaStreamTrack | null>
  readonly #senders = new Map<Kind, RTCRtpSender>()

  /** @internal */
  constructor(stream: MediaStream, url: Urls, options: PublishOptions) {
    super(url, options, false)
    this.#stream = stream
    this.#tracks = new Map(stream.getTracks().map((track) => [track.kind as Kind, track]))
    this.start()
  }

  /**
   * Sends `track` in place of the one of that kind, or nothing with null; viewers go on without a break, and it holds over reconnects.
   *
   * Rejects with `unsupported` where the stream had no track of that kind: what is negotiated with WHIP stays as it is. With `failed` if the browser cannot
   * go on with it.
   */
  async replaceTrack(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const before = this.#tracks.get(kind)
    if (before === undefined) throw new ClientError('unsupported', `no ${kind}`)
    // First: a reconnect may take it from there meanwhile.
    this.#tracks.set(kind, track)
    try {
      await this.#senders.get(kind)?.replaceTrack(track)
    } catch (error) {
      // Between two connections there is no sender, and nothing wrong with the track.
      if ((error as DOMException).name === 'InvalidStateError') return
      this.#tracks.set(kind, before)
      throw ClientError.from(error)
    }
  }

  /** @internal */
  override addTracks(connection: RTCPeerConnection): void {
    const { options } = this
    for (const [kind, track] of this.#tracks) {
      const transceiver = connection.addTransceiver(track ?? kind, {
        direction: 'sendonly',
        streams: [this.#stream],
        ...(kind === 'video' && { sendEncodings: sendEncodings(options) }),
      })
      const { sender } = transceiver
      this.#senders.set(kind, sender)
      const names = options[`${kind}Codecs`]
      // Those that can be received are what it takes, also for what is only sent (W3C WebRTC, section 5.4.1).
      const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []
      if (names) transceiver.setCodecPreferences(preferCodecs(codecs, names))
      if (kind === 'video' && options.degradation) {
        // A wish: a browser without it goes by its own.
        const parameters = { ...sender.getParameters(), degradationPreference: options.degradation }
        void sender.setParameters(parameters).catch(() => {})
      }
    }
  }
}
