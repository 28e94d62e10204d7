/** Joins a reader in the application with the media of a broadcast, until either of them ends. */
import type { LocalSink } from '../engine/types.js'
import { BroadcastError } from '../errors.js'
import type { TappedFrame } from '../taps/frame-sink.js'
import type { TappedPacket } from '../taps/packet-sink.js'
import { resolveTapOptions, type TapOptions } from './tap-options.js'
import { type TapLimits, type Tapped, TapStream } from './tap-stream.js'

/** The broadcast that is read. */
export interface TappedBroadcast {
  addSink(sink: LocalSink): Promise<() => void>
  /** Calls back when it is closed; returns the way to forget that. */
  once(event: 'closed', listener: () => void): () => void
}

/** See `Broadcast.frames`. The code that puts frames together is loaded when it is first needed. */
export function tapFrames(broadcast: TappedBroadcast, kind: unknown, options: TapOptions): TapStream<TappedFrame> {
  const config = resolveTapOptions(kind, options, 256)
  return tap<TappedFrame>(broadcast, config.limits, async (stream) => {
    const { frameSink } = await import('../taps/frame-sink.js')
    return frameSink(config, stream)
  })
}

/** See `Broadcast.packets`. */
export function tapPackets(broadcast: TappedBroadcast, kind: unknown, options: TapOptions): TapStream<TappedPacket> {
  const config = resolveTapOptions(kind, options, 4096)
  return tap<TappedPacket>(broadcast, config.limits, async (stream) => {
    const { packetSink } = await import('../taps/packet-sink.js')
    return packetSink(config, (packet) => stream.push(packet))
  })
}

function tap<Item extends Tapped>(
  broadcast: TappedBroadcast,
  limits: TapLimits,
  createSink: (stream: TapStream<Item>) => Promise<LocalSink>,
): TapStream<Item> {
  const stream = new TapStream<Item>(limits)
  const forget = broadcast.once('closed', () => stream.end())
  createSink(stream)
    .then((sink) => broadcast.addSink(sink))
    .then((removeSink) => {
      stream.onClose = () => {
        forget()
        removeSink()
      }
    })
    .catch((error: unknown) => stream.end(BroadcastError.from(error)))
  return stream
}
