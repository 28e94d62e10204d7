/** The far end of a pipe: a `MediaSource` whose layers come from another shard and have their history here, too. */
import type { FanOutQueue } from '../media/fan-out.js'
import { ForwardedLayer } from '../media/forwarded-layer.js'
import { LayerTicker } from '../media/layer-ticker.js'
import type { MediaConfig, MediaSource, MediaTrack } from '../media/types.js'
import type { Codec } from '../rtp/types.js'
import type { Scheduler } from '../util/scheduler.js'
import { PipeBatchReader } from './pipe-batch.js'
import type { LayerAddress, PipedSource } from './pipe-messages.js'

/** Re-creates a publisher's layers. */
export class PipeSource implements MediaSource {
  readonly id: string
  readonly tracks: readonly MediaTrack[]
  readonly #layers: readonly (readonly ForwardedLayer[])[]
  readonly #codecs: Codec[]
  readonly #ticker: LayerTicker

  constructor(
    source: PipedSource,
    config: MediaConfig,
    readonly scheduler: Scheduler,
    requestKeyframe: (address: LayerAddress) => void,
    fanOut?: FanOutQueue,
  ) {
    const { tracks } = source
    this.#ticker = new LayerTicker(scheduler, () => this.#layers.flat())
    this.id = source.id
    this.#codecs = [...source.codecs]
    this.#layers = tracks.map((track, t) =>
      track.layers.map(({ rid, keyframesOnDemand }, l) => {
        const wishes = {
          sendKeyframeRequest: () => requestKeyframe({ track: t, layer: l }),
          onDue: (dueMs: number) => this.#ticker.arm(dueMs),
        }
        const { kind, extensions } = track
        return new ForwardedLayer({ rid, kind, extensions, keyframesOnDemand, config, wishes, fanOut })
      }),
    )
    this.tracks = tracks.map(({ id: trackId, kind, extensions }, t) => ({
      id: trackId,
      kind,
      extensions,
      layers: this.#layers[t] as readonly ForwardedLayer[],
    }))
    this.#acceptPast(source.past, scheduler.clock.nowMs())
  }

  /** Packets refer to `codec` by `index` from now on. */
  setCodec(index: number, codec: Codec): void {
    this.#codecs[index] = codec
  }

  /** The publisher has told its clocks anew. */
  setCaptureClock(address: LayerAddress, ntpUnixMs: number, rtpTimestamp: number, nowMs: number): void {
    const clock = { ntpUnixMs, rtpTimestamp, arrivalMs: nowMs, sourceId: this.id }
    this.#layers[address.track]?.[address.layer]?.setCaptureClock(clock)
  }

  /** Takes the packet `buffer[start, end)`. */
  accept(
    track: number,
    layer: number,
    codecIndex: number,
    extSeq: number,
    buffer: Buffer,
    start: number,
    end: number,
    arrivalMs: number,
  ): void {
    const codec = this.#codecs[codecIndex]
    if (codec) this.#layers[track]?.[layer]?.accept(buffer, start, end, extSeq, codec, arrivalMs)
  }

  /** Nothing comes any more. */
  close(): void {
    this.#ticker.close()
    for (const layers of this.#layers) for (const layer of layers) layer.removeAllSinks()
  }

  #acceptPast(past: ArrayBuffer, nowMs: number): void {
    const reader = new PipeBatchReader(past)
    while (reader.next()) {
      const { track, layer, codecIndex, extSeq, buffer, start, end, ageMs } = reader
      this.accept(track, layer, codecIndex, extSeq, buffer, start, end, nowMs - ageMs)
    }
  }
}
