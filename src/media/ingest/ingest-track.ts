/** One media section of a publisher, with its layers and the streams that feed them now. */
import type { Codec, HeaderExtension, MediaKind, PayloadCodec } from '../../rtp/types.js'
import type { FanOutQueue } from '../fan-out.js'
import { ForwardedLayer } from '../forwarded-layer.js'
import type { MediaConfig, MediaTrack } from '../types.js'
import type { IngestStream } from './ingest-stream.js'
import type { LayerPause } from './layer-pause.js'

/** A stream that was replaced may come back when its successor has been silent for this long. */
const TAKEOVER_SILENCE_MS = 2000

/** Due at once, whatever the time. */
const NOW = 0

/** How many replaced SSRCs a layer remembers, so that their late packets do not move it back. */
const MAX_RETIRED = 8

/** A negotiated media section that a publisher sends to us; the shape of `sdp/`'s PublisherSection. */
export interface IngestSection {
  readonly mid: string
  readonly kind: MediaKind
  readonly codecs: readonly PayloadCodec[]
  readonly extensions: readonly HeaderExtension[]
  /** Primary SSRCs from `a=ssrc`. */
  readonly ssrcs: readonly number[]
  /** The rids of simulcast; empty without. */
  readonly rids: readonly string[]
  /** Which SSRC repairs which, from `a=ssrc-group:FID`. */
  readonly rtxPairs?: readonly RtxPair[]
  /** See `MediaLayer.keyframesOnDemand`; true by default. */
  readonly keyframesOnDemand?: boolean
  /** True if we may pause its streams, each by itself, and resume them (RFC 7728). */
  readonly pause?: boolean
}

/** A stream and its retransmissions. */
export interface RtxPair {
  readonly ssrc: number
  readonly rtxSsrc: number
}

/** Asks the publisher for a keyframe of a layer. */
export type SendKeyframeRequest = (target: IngestLayer, nowMs: number) => void

/** The repair of a layer's losses, counted over all the SSRCs it had. */
export interface RepairCounters {
  /** NACK messages, and the packets they asked for, repeated ones included. */
  nacksSent: number
  packetsNacked: number
  /** Packets that came as retransmissions and were missing. */
  packetsRepaired: number
  /** Packets of retransmission streams, and those of them that were of no use: duplicates, and what comes too late. */
  rtxReceived: number
  rtxUseless: number
  /** Packets given up. */
  lostForGood: number
}

/** A layer, and which SSRC feeds it. */
export class IngestLayer {
  readonly layer: ForwardedLayer
  /** The stream that is forwarded; undefined before the first. */
  stream: IngestStream | undefined
  /** A keyframe was wanted before any SSRC was known. */
  requestUnsent = false
  /** The number of the last FIR (RFC 5104, section 4.3.1.1). */
  firSeqNr = 0
  pliSent = 0
  firSent = 0
  /** Undefined where it cannot be paused at its sender. */
  pause: LayerPause | undefined
  readonly repair: RepairCounters = {
    nacksSent: 0,
    packetsNacked: 0,
    packetsRepaired: 0,
    rtxReceived: 0,
    rtxUseless: 0,
    lostForGood: 0,
  }
  /** The streams that fed it before, newest last. */
  readonly retired: IngestStream[] = []

  constructor(
    readonly track: IngestTrack,
    rid: string | undefined,
    config: MediaConfig,
    send: SendKeyframeRequest,
    onDue: (dueMs: number) => void,
    fanOut: FanOutQueue | undefined,
  ) {
    const sendKeyframeRequest = (nowMs: number): void => send(this, nowMs)
    const { kind, section } = track
    const { extensions, keyframesOnDemand = true } = section
    const onDemand = (): void => this.pause && onDue(NOW)
    const wishes = { sendKeyframeRequest, onDue, onDemand }
    this.layer = new ForwardedLayer({ rid, kind, extensions, keyframesOnDemand, config, wishes, fanOut })
  }

  /** Packets that never came, over all the SSRCs it had. */
  get packetsLost(): number {
    return this.#lostByForgotten + this.streams().reduce((sum, { statistics }) => sum + statistics.packetsLost, 0)
  }
  #lostByForgotten = 0

  /** The streams it has and remembers. */
  streams(): IngestStream[] {
    return this.stream === undefined ? this.retired : [...this.retired, this.stream]
  }

  /** True if `stream` may feed the layer now, after it has taken over where it must. */
  admit(stream: IngestStream, nowMs: number): boolean {
    const current = this.stream
    if (current === stream) return true
    if (stream.retired && current !== undefined && nowMs - current.lastPacketMs < TAKEOVER_SILENCE_MS) return false
    this.#take(stream)
    return true
  }

  /** The stream's sender has begun to count anew. */
  restart(stream: IngestStream): void {
    stream.renumber()
    this.layer.setCaptureClock(undefined)
  }

  /** The oldest remembered SSRC, forgotten; undefined while there are few. */
  forget(): IngestStream | undefined {
    if (this.retired.length <= MAX_RETIRED) return undefined
    const oldest = this.retired.shift()
    if (oldest !== undefined) this.#lostByForgotten += oldest.statistics.packetsLost
    return oldest
  }

  #take(stream: IngestStream): void {
    const index = this.retired.indexOf(stream)
    if (index >= 0) this.retired.splice(index, 1)
    if (this.stream !== undefined) {
      this.stream.retired = true
      this.retired.push(this.stream)
    }
    this.stream = stream
    stream.retired = false
    this.restart(stream)
  }
}

/** A published track. */
export class IngestTrack implements MediaTrack {
  readonly id: string
  readonly kind: MediaKind
  readonly extensions: readonly HeaderExtension[]
  readonly targets: readonly IngestLayer[]
  readonly layers: readonly ForwardedLayer[]
  /** True if lost packets may be asked for. */
  readonly nack: boolean
  readonly #codecs: (PayloadCodec | undefined)[] = []
  /** What is repaired, by payload type of the retransmissions. */
  readonly #repaired: (PayloadCodec | undefined)[] = []

  constructor(
    readonly section: IngestSection,
    config: MediaConfig,
    send: SendKeyframeRequest,
    onDue: (dueMs: number) => void,
    fanOut?: FanOutQueue,
  ) {
    this.id = section.mid
    this.kind = section.kind
    this.extensions = section.extensions
    const rids = section.rids.length > 0 ? section.rids : [undefined]
    this.targets = rids.map((rid) => new IngestLayer(this, rid, config, send, onDue, fanOut))
    this.layers = this.targets.map(({ layer }) => layer)
    this.nack = section.codecs.some(({ feedback }) => feedback.includes('nack'))
    for (const codec of section.codecs) {
      this.#codecs[codec.payloadType] = codec
      if (codec.rtxPayloadType !== undefined) this.#repaired[codec.rtxPayloadType] = codec
    }
  }

  /** The codec of a payload type, if it was negotiated. */
  codec(payloadType: number): Codec | undefined {
    return this.#codecs[payloadType]?.codec
  }

  /** What the retransmissions under that payload type repair. */
  repaired(rtxPayloadType: number): PayloadCodec | undefined {
    return this.#repaired[rtxPayloadType]
  }

  /** The feedback in force for a codec; that of the preferred one while none has been seen. */
  feedback(codec: Codec | undefined): readonly string[] {
    const { codecs } = this.section
    const found = codecs.find((entry) => entry.codec === codec) ?? codecs[0]
    return found?.feedback ?? []
  }
}
