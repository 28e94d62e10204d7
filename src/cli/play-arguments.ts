/** The part of the command line that says which files are played into which broadcasts. */
import { UsageError } from './usage-error.js'

/** One broadcast that files are played into. */
export interface PlayedBroadcast {
  readonly name: string
  /** One after the other. */
  readonly paths: readonly string[]
}

/** What is played. */
export interface PlayArguments {
  readonly broadcasts: readonly PlayedBroadcast[]
  /** Again and again. */
  readonly loop: boolean
}

/** For `parseArgs`. */
export const PLAY_OPTIONS = {
  play: { type: 'string', multiple: true },
  loop: { type: 'boolean' },
} as const

/** What `parseArgs` made of {@link PLAY_OPTIONS}. */
export interface PlayValues {
  readonly play?: string[] | undefined
  readonly loop?: boolean | undefined
}

/** Undefined where nothing is to be played. Files of one name follow each other. Throws {@link UsageError}. */
export function playArguments({ play, loop = false }: PlayValues): PlayArguments | undefined {
  if (play === undefined) {
    if (!loop) return undefined
    throw new UsageError('--loop needs --play')
  }
  const paths = new Map<string, string[]>()
  for (const text of play) {
    const border = text.indexOf('=')
    const name = text.slice(0, border)
    const path = text.slice(border + 1)
    if (border < 1 || path === '') throw new UsageError(`--play must be <name>=<file>, not ${JSON.stringify(text)}`)
    const known = paths.get(name)
    if (known) known.push(path)
    else paths.set(name, [path])
  }
  return { broadcasts: [...paths].map(([name, files]) => ({ name, paths: files })), loop }
}
