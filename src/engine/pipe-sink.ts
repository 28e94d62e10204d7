/** The near end of a pipe: a `MediaSink` that sends a feed's layers to another shard, once each. */
import type { LayerSink, MediaLayer, MediaSink, MediaSource, PacketHistoryView, StoredPacket } from '../media/types.js'
import type { Codec } from '../rtp/types.js'
import { PipeBatchWriter } from './pipe-batch.js'
import type { LayerAddress, PipeDelivery, PipedSource } from './pipe-messages.js'

/** Posts to the other shard; `transfer` is handed over instead of copied. */
export type PipePost = (message: PipeDelivery, transfer?: ArrayBuffer[]) => void

class PipedLayer implements LayerSink {
  #sentClock: unknown

  constructor(
    readonly owner: PipeSink,
    readonly layer: MediaLayer,
    readonly address: LayerAddress,
  ) {}

  onPacket(packet: StoredPacket): void {
    const clock = this.layer.captureClock
    if (clock !== this.#sentClock && clock) {
      this.#sentClock = clock
      this.owner.sendClock(this.address, clock.ntpUnixMs, clock.rtpTimestamp)
    }
    this.owner.add(this.address, packet)
  }
}

/** Sends one feed to one other shard. */
export class PipeSink implements MediaSink {
  #source: MediaSource | undefined
  #layers: PipedLayer[] = []
  readonly #codecs = new Map<Codec, number>()
  readonly #batch = new PipeBatchWriter()
  #flush: NodeJS.Immediate | undefined

  constructor(
    readonly feedId: string,
    readonly post: PipePost,
  ) {}

  setSource(source: MediaSource | undefined, nowMs: number): void {
    this.#detach()
    this.#source = source
    const described = source && this.#describe(source, nowMs)
    this.post({ type: 'source', feedId: this.feedId, source: described }, described && [described.past])
    source?.tracks.forEach((track, t) => {
      track.layers.forEach((layer, l) => {
        const piped = new PipedLayer(this, layer, { track: t, layer: l })
        this.#layers.push(piped)
        layer.addSink(piped)
      })
    })
  }

  /** The other shard cannot go on without a keyframe of that layer. */
  requestKeyframe(sourceId: string, address: LayerAddress, nowMs: number): void {
    if (this.#source?.id !== sourceId) return
    this.#source.tracks[address.track]?.layers[address.layer]?.requestKeyframe(nowMs)
  }

  /** @internal */
  sendClock(address: LayerAddress, ntpUnixMs: number, rtpTimestamp: number): void {
    // Behind the packets that are already waiting, so that both arrive in the order in which they happened.
    this.#send()
    const sourceId = this.#source?.id ?? ''
    this.post({ type: 'capture-clock', feedId: this.feedId, sourceId, ...address, ntpUnixMs, rtpTimestamp })
  }

  /** @internal */
  add(address: LayerAddress, packet: StoredPacket): void {
    const codecIndex = this.#codecs.get(packet.codec) ?? this.#announce(packet.codec)
    const { bytes, start, length } = packet
    this.#batch.add(address.track, address.layer, codecIndex, packet.extSeq, bytes, start, length)
    this.#flush ??= setImmediate(() => this.#send())
  }

  #describe(source: MediaSource, nowMs: number): PipedSource {
    for (const [track, { kind, layers }] of source.tracks.entries()) {
      if (kind === 'audio') continue
      for (const [layer, { history }] of layers.entries()) this.#addPast({ track, layer }, history, nowMs)
    }
    return {
      id: source.id,
      tracks: source.tracks.map(({ id, kind, extensions, layers }) => ({
        id,
        kind,
        extensions,
        layers: layers.map(({ rid, keyframesOnDemand }) => ({ rid, keyframesOnDemand })),
      })),
      codecs: [...this.#codecs.keys()],
      past: this.#batch.take(),
    }
  }

  #addPast({ track, layer }: LayerAddress, history: PacketHistoryView, nowMs: number): void {
    const { keyframeExtSeq, newestExtSeq } = history
    if (keyframeExtSeq < 0) return
    for (let extSeq = keyframeExtSeq; extSeq <= newestExtSeq; extSeq++) {
      const packet = history.get(extSeq)
      if (!packet) continue
      const { bytes, start, length, arrivalMs } = packet
      this.#batch.add(track, layer, this.#indexOf(packet.codec), extSeq, bytes, start, length, nowMs - arrivalMs)
    }
  }

  /** The number of a codec that may be new. */
  #indexOf(codec: Codec): number {
    const index = this.#codecs.get(codec) ?? this.#codecs.size
    this.#codecs.set(codec, index)
    return index
  }

  #announce(codec: Codec): number {
    this.#send()
    const index = this.#indexOf(codec)
    this.post({ type: 'codec', feedId: this.feedId, sourceId: this.#source?.id ?? '', index, codec })
    return index
  }

  #send(): void {
    if (this.#flush) clearImmediate(this.#flush)
    this.#flush = undefined
    if (this.#batch.empty) return
    const batch = this.#batch.take()
    this.post({ type: 'packets', feedId: this.feedId, sourceId: this.#source?.id ?? '', batch }, [batch])
  }

  #detach(): void {
    this.#send()
    for (const piped of this.#layers) piped.layer.removeSink(piped)
    this.#layers = []
    this.#codecs.clear()
  }
}
