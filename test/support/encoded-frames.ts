/** Encoded frames that have what a recording looks at, and nothing else. */
import type { EncodedFrame } from '../../src/media/frames/encoded-frame.js'
import type { Codec, CodecName } from '../../src/rtp/types.js'

/** What a frame of {@link videoFrame} or {@link audioFrame} may be told. */
export interface FrameFacts {
  /** Milliseconds of media time. */
  readonly mediaMs: number
  /** As `mediaMs` by default. */
  readonly arrivalMs?: number
  readonly keyframe?: boolean
  readonly gapBefore?: boolean
  readonly width?: number
  readonly height?: number
  readonly codec?: CodecName
}

/** A VP8 frame. */
export function videoFrame({
  mediaMs,
  arrivalMs = mediaMs,
  keyframe = false,
  gapBefore = false,
  ...size
}: FrameFacts): EncodedFrame {
  const codec = codecOf(size.codec ?? 'VP8', 90_000)
  const data = keyframe ? vp8Keyframe(size.width ?? 640, size.height ?? 360) : Uint8Array.of(0x01, 0, 0, 0xaa)
  return { kind: 'video', codec, data, keyframe, gapBefore, timestamp: ticks(mediaMs, 90), arrivalMs }
}

/** 20 ms of Opus. */
export function audioFrame({
  mediaMs,
  arrivalMs = mediaMs,
  gapBefore = false,
  codec = 'opus',
}: FrameFacts): EncodedFrame {
  const data = Uint8Array.of(0xfc, 0x01, 0x02)
  const { clockRate } = codecOf(codec, codec === 'opus' ? 48_000 : 8000)
  const timestamp = ticks(mediaMs, clockRate / 1000)
  return { kind: 'audio', codec: codecOf(codec, clockRate), data, keyframe: true, gapBefore, timestamp, arrivalMs }
}

/** A keyframe that states its size (RFC 6386, section 9.1). */
export function vp8Keyframe(width: number, height: number): Uint8Array {
  return Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8, 0, 0)
}

function codecOf(name: CodecName, clockRate: number): Codec {
  const isVideo = clockRate === 90_000
  return { name, kind: isVideo ? 'video' : 'audio', clockRate, channels: name === 'opus' ? 2 : 1, parameters: {} }
}

function ticks(ms: number, perMs: number): number {
  return Math.round(ms * perMs) >>> 0
}
