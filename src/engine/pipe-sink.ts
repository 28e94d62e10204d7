/** The near end of a pipe: a `MediaSink` that sends a feed's layers to another shard, once each. */
import type { LayerSink, MediaLayer, MediaSink, MediaSource, PacketHistoryView, StoredPacket } from '../media/types.js'
import type { Codec } from '../rtp/types.js'
import { PipeBatchWriter } from './pipe-batch.js'
import type { LayerAddress, PipedSource } from './pipe-messages.js'
import type { PipeOutlet } from './pipe-outlet.js'

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
  /** Its packets' number; see {@link PipeOutlet.openChannel}. */
  #channel = 0

  constructor(
    readonly feedId: string,
    readonly outlet: PipeOutlet,
  ) {}

  setSource(source: MediaSource | undefined, nowMs: number): void {
    this.#detach()
    this.#source = source
    this.#channel = this.outlet.openChannel()
    const described = source && this.#describe(source, nowMs)
    const message = { type: 'source', feedId: this.feedId, channel: this.#channel, source: described } as const
    this.outlet.post(message, described && [described.past])
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
    this.outlet.post({ type: 'capture-clock', channel: this.#channel, ...address, ntpUnixMs, rtpTimestamp })
  }

  /** @internal */
  add({ track, layer }: LayerAddress, packet: StoredPacket): void {
    const codecIndex = this.#codecs.get(packet.codec) ?? this.#announce(packet.codec)
    const { extSeq, bytes, start, length } = packet
    this.outlet.add(this.#channel, track, layer, codecIndex, extSeq, bytes, start, length)
  }

  #describe(source: MediaSource, nowMs: number): PipedSource {
    const past = new PipeBatchWriter()
    for (const [track, { kind, layers }] of source.tracks.entries()) {
      if (kind === 'audio') continue
      for (const [layer, { history }] of layers.entries()) this.#addPast(past, { track, layer }, history, nowMs)
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
      past: past.take(),
    }
  }

  #addPast(past: PipeBatchWriter, { track, layer }: LayerAddress, history: PacketHistoryView, nowMs: number): void {
    const { keyframeExtSeq, newestExtSeq } = history
    if (keyframeExtSeq < 0) return
    for (let extSeq = keyframeExtSeq; extSeq <= newestExtSeq; extSeq++) {
      const packet = history.get(extSeq)
      if (!packet) continue
      const { bytes, start, length, arrivalMs } = packet
      past.add(track, layer, this.#indexOf(packet.codec), extSeq, bytes, start, length, nowMs - arrivalMs)
    }
  }

  /** The number of a codec that may be new. */
  #indexOf(codec: Codec): number {
    const index = this.#codecs.get(codec) ?? this.#codecs.size
    this.#codecs.set(codec, index)
    return index
  }

  #announce(codec: Codec): number {
    const index = this.#indexOf(codec)
    this.outlet.post({ type: 'codec', channel: this.#channel, index, codec })
    return index
  }

  #detach(): void {
    for (const piped of this.#layers) piped.layer.removeSink(piped)
    this.#layers = []
    this.#codecs.clear()
  }
}
