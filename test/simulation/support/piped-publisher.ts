/** A publisher as another shard sees it: its packets through a pipe that may begin at any time. */
import { PipeSource } from '../../../src/engine/pipe-source.js'
import type { LayerSink, MediaLayer, StoredPacket } from '../../../src/media/types.js'
import type { Codec } from '../../../src/rtp/types.js'
import { Scheduler } from '../../../src/util/scheduler.js'
import type { SimulatedPublisher } from './simulated-publisher.js'
import type { Stage } from './stage.js'

/** The far end of a pipe that takes from now on what `publisher` sends. */
export function piped(stage: Stage, publisher: SimulatedPublisher): PipeSource {
  const { ingest } = publisher
  const scheduler = new Scheduler(stage.clock, stage.clock)
  const tracks = ingest.tracks.map(({ id, kind, extensions, layers }) => ({
    ...{ id, kind, extensions },
    layers: layers.map(({ rid, keyframesOnDemand }) => ({ rid, keyframesOnDemand })),
  }))
  const described = { id: `piped ${ingest.id}`, tracks, codecs: [], past: new ArrayBuffer(0) }
  const source = new PipeSource(described, stage.config, scheduler, ({ track, layer }) =>
    ingest.tracks[track]?.layers[layer]?.requestKeyframe(stage.nowMs),
  )
  for (const [t, track] of ingest.tracks.entries()) {
    for (const [l, layer] of track.layers.entries()) layer.addSink(new NearEnd(source, t, l))
  }
  return source
}

class NearEnd implements LayerSink {
  constructor(
    readonly source: PipeSource,
    readonly track: number,
    readonly layer: number,
  ) {}

  onPacket(packet: StoredPacket, _layer: MediaLayer, nowMs: number): void {
    const index = this.#indexOf(packet.codec)
    const { extSeq, bytes, start, length } = packet
    this.source.accept(this.track, this.layer, index, extSeq, bytes, start, start + length, nowMs)
  }

  readonly #codecs: Codec[] = []

  #indexOf(codec: Codec): number {
    const known = this.#codecs.indexOf(codec)
    if (known >= 0) return known
    const index = this.#codecs.push(codec) - 1
    this.source.setCodec(index, codec)
    return index
  }
}
