/** Plays files into broadcasts, and says how far they are. */
import { basename } from 'node:path'
import type { LocalSource } from '../sources/index.js'
import { fileSource } from '../sources/index.js'
import type { PlayArguments, PlayedBroadcast } from './play-arguments.js'
import type { ProgressLine } from './progress-line.js'

/** What is played into; an `Sfu`, or something like it in tests. */
export interface PlayTarget {
  broadcast(name: string): { addSource(source: LocalSource): Promise<PlayedSession> }
}

/** The session of a file. */
export interface PlayedSession {
  on(event: 'closed', listener: (reason: string) => void): unknown
}

/** Begins to play all of them. Rejects with the first that cannot be played. */
export async function playFiles(
  target: PlayTarget,
  { broadcasts, loop }: PlayArguments,
  line: ProgressLine,
): Promise<void> {
  for (const broadcast of broadcasts) await playInto(target, broadcast, loop, line)
}

async function playInto(
  target: PlayTarget,
  broadcast: PlayedBroadcast,
  loop: boolean,
  line: ProgressLine,
): Promise<void> {
  const { name, paths } = broadcast
  const [path = '', ...playlist] = paths
  const source = fileSource(path, {
    loop,
    playlist,
    // A film without sound is better than none; that it is without is said.
    skipUnsupported: true,
    onProgress: (progress) => line.update(name, basename(progress.path), progress),
  })
  const say = (text: string) => line.say(`${name}: ${text}`)
  source.on('item-failed', (_path, error) => say(error.message))
  source.on('item', (played) => say(`plays ${played}`))
  const session = await target.broadcast(name).addSource(source)
  for (const codec of source.stats().skipped) say(`what is ${codec} is left out, as WebRTC cannot carry it`)
  session.on('closed', (reason) => {
    line.remove(name)
    say(reason === 'source-failed' ? 'a file could not be read any more' : 'nothing is played any more')
  })
}
