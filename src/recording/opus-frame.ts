/** Opus packets as containers need them (RFC 6716, section 3.1). */

/** Milliseconds of one frame of each configuration, four at a time. */
const FRAME_MS = [
  [10, 20, 40, 60],
  [10, 20, 40, 60],
  [10, 20, 40, 60],
  [10, 20, 10, 20],
  [2.5, 5, 10, 20],
  [2.5, 5, 10, 20],
  [2.5, 5, 10, 20],
  [2.5, 5, 10, 20],
] as const

/** No packet is longer. */
const MAX_MS = 120

/** How long `packet` sounds, in milliseconds; 20 for one that does not say it. */
export function opusDurationMs(packet: Uint8Array): number {
  const [toc, counts] = packet
  if (toc === undefined) return 20
  const frameMs = FRAME_MS[toc >> 5]?.[(toc >> 3) & 3] ?? 20
  const code = toc & 3
  const frames = code === 0 ? 1 : code === 3 ? (counts ?? 1) & 0x3f : 2
  return Math.min(MAX_MS, Math.max(1, frames) * frameMs)
}

/** 20 ms of silence. */
export const OPUS_SILENCE: Uint8Array = Uint8Array.of(0xf8, 0xff, 0xfe)

/** How long {@link OPUS_SILENCE} is. */
export const OPUS_SILENCE_MS = 20

/** The identification header (RFC 7845, section 5.1): two channels of 48 kHz, nothing to skip, as the stream is joined in its middle. */
export function opusHead(): Uint8Array {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 0, 'latin1')
  head[8] = 1
  head[9] = 2
  head.writeUInt32LE(48_000, 12)
  return head
}
