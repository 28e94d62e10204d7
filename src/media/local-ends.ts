/**
 * Media that does not come by WebRTC, or does not leave by it: files, plain RTP, an application's own packets, recorders. A shard without
 * sockets (`engine/direct-shard.ts`) joins them with the feeds of broadcasts.
 */
import type { DeadlineQueue } from '../util/scheduler.js'
import type { MediaConfig, MediaSource } from './types.js'

/** What a source is opened with. */
export interface SourceContext {
  /** The id that its media source has to have. */
  readonly id: string
  readonly config: MediaConfig
  /** The time, and what waits for it. */
  readonly scheduler: DeadlineQueue
}

/** Something that brings tracks of its own into a broadcast. It is opened once. */
export interface LocalSource {
  /** Its tracks, ready to be written to. Rejects with why there are none. */
  open(context: SourceContext): Promise<MediaSource>
  /** It is in the broadcast; what it sends from now on may be forwarded. `onEnd` says that nothing will come any more. */
  start(onEnd: (error?: unknown) => void): void
  /** It is not in the broadcast any more, or never came there. Idempotent. */
  close(): Promise<void> | void
}

/** Something that takes the feeds of a broadcast. */
export interface LocalSink {
  /** The publisher of that name is `source` from now on, or nobody. Never called twice with the same one. */
  setSource(feed: string, source: MediaSource | undefined, nowMs: number): void
}
