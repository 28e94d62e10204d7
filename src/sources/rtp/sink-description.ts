/** What a sink of plain RTP sends, as a description that changes when the codecs do. */
import type { MediaKind, PayloadCodec } from '../../rtp/types.js'
import type { RtpSinkConfig } from './rtp-sink-options.js'
import { writeSdpText } from './sdp-text.js'

/** What is not there after this is not waited for: a publisher may have announced a track that it never sends. */
const MAX_WAIT_MS = 2000

/** The description of one sink. */
export class SinkDescription {
  /** The newest; undefined before anything is sent. */
  text: string | undefined
  readonly #config: RtpSinkConfig
  readonly #codecs: (PayloadCodec | undefined)[]
  /** When something was sent first that is not described yet; NaN for nothing. */
  #sinceMs = Number.NaN

  constructor(config: RtpSinkConfig) {
    this.#config = config
    this.#codecs = config.targets.map(() => undefined)
  }

  /**
   * Looks at what is carried now, in the order of the targets, of a publisher with tracks of those kinds. True if `text` is another one.
   */
  update(carried: readonly (PayloadCodec | undefined)[], published: ReadonlySet<MediaKind>, nowMs: number): boolean {
    carried.forEach((codec, i) => {
      this.#codecs[i] = codec ?? this.#codecs[i]
    })
    // A publisher that is away may come back with the same.
    if (published.size > 0) this.#forgetUnpublished(published)
    const text = this.#write()
    if (text === undefined || text === this.text) {
      this.#sinceMs = Number.NaN
      return false
    }
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs
    const isWhole = this.#config.targets.every(({ kind }, i) => !published.has(kind) || this.#codecs[i] !== undefined)
    if (!isWhole && nowMs < this.dueMs) return false
    this.#sinceMs = Number.NaN
    this.text = text
    return true
  }

  /** When `update` has to be called without any change; infinity for never. */
  get dueMs(): number {
    return Number.isNaN(this.#sinceMs) ? Number.POSITIVE_INFINITY : this.#sinceMs + MAX_WAIT_MS
  }

  #forgetUnpublished(published: ReadonlySet<MediaKind>): void {
    this.#config.targets.forEach(({ kind }, i) => {
      if (!published.has(kind)) this.#codecs[i] = undefined
    })
  }

  #write(): string | undefined {
    const { host, srtp, rtcpMux, targets } = this.#config
    const media = targets.flatMap(({ port }, i) => {
      const codec = this.#codecs[i]
      return codec === undefined ? [] : [{ codec, port, rtcpMux }]
    })
    return media.length === 0 ? undefined : writeSdpText({ ip: host, direction: 'sendonly', srtp, media })
  }
}
