/** What the application reads of a broadcast, and how much of it may wait. */
import { choiceOption, integerOption, refuseOption } from '../util/options.js'
import { publisherName } from './publisher-name.js'
import type { TapLimits } from './tap-stream.js'

/** Options of `broadcast.frames()` and `broadcast.packets()`. */
export interface TapOptions {
  /** The name of the publisher; by default the first that is there, and the next one once it has gone. */
  readonly publisher?: string
  /** The simulcast layer (RFC 8851). By default the best one that comes, or all of them for packets. */
  readonly rid?: string
  /** How many frames or packets wait for a slow reader at most: 1 to 100,000, default 256 frames or 4096 packets. */
  readonly maxQueued?: number
  /** How many bytes of them: 1000 to 2^30, default 16 MiB. */
  readonly maxQueuedBytes?: number
}

/** {@link TapOptions}, resolved. */
export interface TapConfig {
  readonly kind: 'audio' | 'video'
  readonly publisher: string | undefined
  readonly rid: string | undefined
  readonly limits: TapLimits
}

/** Throws `option-invalid`. */
export function resolveTapOptions(kind: unknown, options: TapOptions, defaultQueued: number): TapConfig {
  const { publisher, rid } = options
  if (kind === undefined) refuseOption('kind', 'audio or video', kind)
  if (rid !== undefined && typeof rid !== 'string') refuseOption('rid', 'a text', rid)
  return {
    kind: choiceOption('kind', kind, 'video', ['audio', 'video'] as const),
    publisher: publisher === undefined ? undefined : publisherName(publisher),
    rid,
    limits: {
      maxQueued: integerOption('maxQueued', options.maxQueued, defaultQueued, 1, 100_000),
      maxQueuedBytes: integerOption('maxQueuedBytes', options.maxQueuedBytes, 16 * 1024 * 1024, 1000, 2 ** 30),
    },
  }
}
