/** The far end of a pipe: a `MediaSource` whose layers come from another shard and have their history here, too. */
import { ForwardedLayer } from '../media/forwarded-layer.js'
import type { MediaConfig, MediaSource, MediaTrack } from '../media/types.js'
import type { Codec } from '../rtp/types.js'
import type { Deadline, Scheduler } from '../util/scheduler.js'
import { PipeBatchReader } from './pipe-batch.js'
import type { LayerAddress, PipedTrack } from './pipe-messages.js'

/** Re-creates a publisher's layers. */
export class PipeSource implements MediaSource {
  readonly tracks: readonly MediaTrack[]
  readonly #layers: readonly (readonly ForwardedLayer[])[]
  readonly #codecs: Codec[] = []
  #deadline: Deadline | undefined
  #dueMs = Number.POSITIVE_INFINITY

  constructor(
    readonly id: string,
    tracks: readonly PipedTrack[],
    config: MediaConfig,
    readonly scheduler: Scheduler,
    requestKeyframe: (address: LayerAddress) => void,
  ) {
    this.#layers = tracks.map((track, t) =>
      track.rids.map((rid, l) => {
        const wishes = {
          sendKeyframeRequest: () => requestKeyframe({ track: t, layer: l }),
          onDue: (dueMs: number) => this.#arm(dueMs),
        }
        return new ForwardedLayer({ rid, kind: track.kind, extensions: track.extensions, config, wishes })
      }),
    )
    this.tracks = tracks.map(({ id: trackId, kind, extensions }, t) => ({
      id: trackId,
      kind,
      extensions,
      layers: this.#layers[t] as readonly ForwardedLayer[],
    }))
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

  /** Takes a batch of packets. */
  accept(batch: ArrayBuffer, nowMs: number): void {
    const reader = new PipeBatchReader(batch)
    while (reader.next()) {
      const codec = this.#codecs[reader.codecIndex]
      if (!codec) continue
      this.#layers[reader.track]?.[reader.layer]?.accept(
        reader.buffer,
        reader.start,
        reader.end,
        reader.extSeq,
        codec,
        nowMs,
      )
    }
  }

  /** Nothing comes any more. */
  close(): void {
    this.#deadline?.cancel()
    for (const layers of this.#layers) for (const layer of layers) layer.removeAllSinks()
  }

  #arm(dueMs: number): void {
    if (dueMs >= this.#dueMs) return
    this.#deadline?.cancel()
    this.#dueMs = dueMs
    this.#deadline = this.scheduler.at(dueMs, () => this.#tick())
  }

  #tick(): void {
    this.#dueMs = Number.POSITIVE_INFINITY
    const nowMs = this.scheduler.clock.nowMs()
    let dueMs = Number.POSITIVE_INFINITY
    for (const layers of this.#layers) for (const layer of layers) dueMs = Math.min(dueMs, layer.tick(nowMs))
    if (Number.isFinite(dueMs)) this.#arm(dueMs)
  }
}
