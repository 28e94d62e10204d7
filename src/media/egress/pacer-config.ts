/** What a pacer is told, and what it tells. */
import type { MediaLayer } from '../types.js'

/** Settings of a {@link Pacer}, resolved. */
export interface PacerConfig {
  /** How much faster than the estimate packets leave, so that a frame does not wait long for its end. */
  readonly factor: number
  /** So much time's worth of packets may leave together. */
  readonly burstMs: number
  /** A packet that has waited for longer is dropped, with all up to the next keyframe. */
  readonly maxQueueMs: number
  /** What waits has no more bytes than this. */
  readonly maxQueueBytes: number
}

/** The default settings. */
export const DEFAULT_PACER_CONFIG: PacerConfig = {
  factor: 1.25,
  burstMs: 5,
  maxQueueMs: 500,
  maxQueueBytes: 512 * 1024,
}

/** A probe that is to be sent; the shape of `bwe/`'s ProbeWish. */
export interface PacerProbe {
  /** 1 to 65535. */
  readonly clusterId: number
  readonly targetBps: number
  /** At least so much and so many, media included. */
  readonly bytes: number
  readonly packets: number
}

/** What a pacer calls to send and to drop: one video stream. */
export interface PacedStream {
  /** Sends the layer's packet; returns its bytes, 0 if the history has it no more or it is not sent for another reason. */
  sendPaced(layer: MediaLayer, extSeq: number, nowMs: number): number
  /** Sends a packet again that went out as `outExtSeq`; returns its bytes, 0 if that cannot be. */
  sendAgain(outExtSeq: number, nowMs: number): number
  /** Packets were dropped: what is sent next begins with a keyframe. */
  skipToKeyframe(nowMs: number): void
  /** There is room again for a keyframe, and none is on its way. */
  requestKeyframe(nowMs: number): void
}

/** What a pacer has counted. */
export interface PacerStats {
  /** Packets that had to wait. */
  queued: number
  /** Packets dropped because they had waited too long, or too many bytes waited, or no keyframe had come since. */
  dropped: number
  /** How often a stream was dropped up to its next keyframe. */
  drops: number
  /** Packets that the history had lost when their time came, or that could not be sent. */
  evicted: number
  /** Packets to be sent again that were dropped. */
  retransmissionsDropped: number
}

/** How a {@link Pacer} is made. */
export interface PacerOptions {
  readonly config: PacerConfig
  /** True while the transport does not take what it is sent, whatever the estimate; never so if left out. */
  isBacklogged?(): boolean
  /** Sends about `bytes` of padding, at least one packet; returns the bytes sent, 0 if there is no stream to send it on. */
  sendPadding(bytes: number, nowMs: number): number
  /** A keyframe has come to be sent. */
  onKeyframe?(nowMs: number): void
  /** Something became due earlier than the last `tick` said. */
  onDue(dueMs: number): void
}
