/** Frames that need no file, and time that passes when a test says so. */
import { setImmediate } from 'node:timers/promises'
import type { Codec, MediaKind } from '../../../../src/rtp/types.js'
import type { MediaFile, MediaFrame } from '../../../../src/sources/files/media-file.js'
import type { VirtualClock } from '../../../../src/testing/virtual-clock.js'

export const VP8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
export const OPUS: Codec = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }

/** How a {@link fakeFile} is. */
export interface FakeFileOptions {
  readonly durationMs: number
  readonly codecs?: readonly Codec[]
  readonly fps?: number
  /** The file ends with this error at that time. */
  readonly failsAtMs?: number
  /** Called before each frame is handed out. */
  readonly beforeFrame?: (frame: MediaFrame) => Promise<void> | undefined
}

/** A file with a keyframe every second, and audio frames of 20 ms. */
export function fakeFile(options: FakeFileOptions): MediaFile & { closed: number; open: number } {
  const { durationMs, codecs = [VP8, OPUS], fps = 30, failsAtMs = Number.POSITIVE_INFINITY } = options
  const stepUs = (kind: MediaKind) => (kind === 'video' ? 1_000_000 / fps : 20_000)
  return {
    closed: 0,
    open: 0,
    tracks: codecs.map((codec) => ({ kind: codec.kind, codec })),
    durationMs,
    skipped: [],
    async *frames(fromMs) {
      this.open++
      const next = codecs.map(({ kind }) => ({
        kind,
        index: Math.round((Math.floor(fromMs / 1000) * 1e6) / stepUs(kind)),
      }))
      for (;;) {
        next.sort((a, b) => a.index * stepUs(a.kind) - b.index * stepUs(b.kind))
        const first = next[0] as (typeof next)[number]
        const timestampUs = Math.round(first.index * stepUs(first.kind))
        if (timestampUs >= failsAtMs * 1000) throw new Error('the disk is broken')
        if (timestampUs >= durationMs * 1000) return
        const keyframe = first.kind === 'audio' || first.index % fps === 0
        const durationUs = Math.round(stepUs(first.kind))
        const frame = { kind: first.kind, data: DATA, keyframe, timestampUs, durationUs }
        const wait = options.beforeFrame?.(frame)
        if (wait) await wait
        yield frame
        first.index++
      }
    },
    async close() {
      this.closed++
    },
  }
}

const DATA = Uint8Array.from({ length: 100 }, (_, i) => (i === 0 ? 0x10 : i))

/** Lets time pass in steps, with what waits for promises in between. */
export async function pass(clock: VirtualClock, ms: number, stepMs = 10): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await setImmediate()
    clock.advance(Math.min(stepMs, left))
  }
  await setImmediate()
}
