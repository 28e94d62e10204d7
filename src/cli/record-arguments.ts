/** The part of the command line that says what is saved to disk. */
import { UsageError } from './usage-error.js'

/** Where recordings go, and what they are. */
export interface RecordArguments {
  readonly dir: string
  readonly format: 'webm' | 'mp4'
}

/** For `parseArgs`. */
export const RECORD_OPTIONS = {
  record: { type: 'string' },
  'record-format': { type: 'string' },
} as const

/** What `parseArgs` made of {@link RECORD_OPTIONS}. */
export interface RecordValues {
  readonly record?: string | undefined
  readonly 'record-format'?: string | undefined
}

/** Undefined where nothing is to be saved. Throws {@link UsageError}. */
export function recordArguments({ record: dir, 'record-format': format }: RecordValues): RecordArguments | undefined {
  if (dir === undefined) {
    if (format === undefined) return undefined
    throw new UsageError('--record-format needs --record')
  }
  if (dir === '') throw new UsageError('--record needs a folder')
  if (format !== undefined && format !== 'webm' && format !== 'mp4') {
    throw new UsageError(`--record-format must be webm or mp4, not ${JSON.stringify(format)}`)
  }
  return { dir, format: format ?? 'webm' }
}
