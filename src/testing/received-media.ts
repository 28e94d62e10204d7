/** What a test's viewer has received, and how a test waits for more of it. */
import type { ReceivedStreamStats } from './received-stream.js'
import type { ReceivedVideoStats } from './received-video.js'

/** A snapshot of everything that was received. */
export interface ReceivedMedia {
  readonly video: ReceivedVideoStats
  readonly audio: ReceivedStreamStats
}

/** What to wait for; all of it has to come. */
export interface WantedMedia {
  /** Whole video frames. */
  readonly frames?: number
  /** Whole keyframes. */
  readonly keyframes?: number
  readonly videoPackets?: number
  readonly audioPackets?: number
}

type Count = Required<WantedMedia>

/** Throws a `TypeError` for anything that would never come, such as a misspelt name. */
export function checkWanted(wanted: WantedMedia): void {
  const names = ['frames', 'keyframes', 'videoPackets', 'audioPackets']
  for (const [name, count] of Object.entries(wanted)) {
    if (!names.includes(name)) throw new TypeError(`whenReceived knows ${names.join(', ')}, not ${name}`)
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`${name}: expected a count, not ${count}`)
  }
}

/** What is missing of `wanted` on top of `since`, in words; empty if nothing is. */
export function missingMedia(wanted: WantedMedia, received: ReceivedMedia, since?: ReceivedMedia): string {
  const now = countsOf(received)
  const before = since === undefined ? undefined : countsOf(since)
  return (Object.entries(wanted) as [keyof Count, number][])
    .map(([name, count]) => ({ name, count, have: now[name] - (before?.[name] ?? 0) }))
    .filter(({ count, have }) => have < count)
    .map(({ name, count, have }) => `${have} of ${count} ${name}`)
    .join(', ')
}

function countsOf({ video, audio }: ReceivedMedia): Count {
  const { frames, keyframes, packets: videoPackets } = video
  return { frames, keyframes, videoPackets, audioPackets: audio.packets }
}
