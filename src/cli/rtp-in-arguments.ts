/** The part of the command line that says which broadcasts come as plain RTP. */
import type { LocalCodecName } from '../sources/index.js'
import { UsageError } from './usage-error.js'

/** One broadcast that comes as plain RTP. */
export interface RtpInBroadcast {
  readonly name: string
  readonly tracks: readonly { readonly port: number; readonly codec: LocalCodecName }[]
}

/** For `parseArgs`. */
export const RTP_IN_OPTIONS = { 'rtp-in': { type: 'string', multiple: true } } as const

const CODECS: readonly LocalCodecName[] = ['VP8', 'VP9', 'H264', 'H265', 'AV1', 'opus', 'PCMU', 'PCMA', 'G722']

/** Undefined where nothing comes so. Tracks of one name belong together. Throws {@link UsageError}. */
export function rtpInArguments(values: {
  readonly 'rtp-in'?: string[] | undefined
}): readonly RtpInBroadcast[] | undefined {
  const texts = values['rtp-in']
  if (texts === undefined) return undefined
  const broadcasts = new Map<string, RtpInBroadcast['tracks'][number][]>()
  const taken = new Set<number>()
  for (const text of texts) {
    const [, name, digits, word] = /^([^=]+)=(\d{1,5}):(\w+)$/.exec(text) ?? []
    const codec = CODECS.find((known) => known.toLowerCase() === word?.toLowerCase())
    const port = Number(digits)
    if (name === undefined || codec === undefined || port > 65_534) {
      const wanted = `--rtp-in must be <name>=<port>:<codec>, with a codec of ${CODECS.join(', ')}`
      throw new UsageError(`${wanted}, not ${JSON.stringify(text)}`)
    }
    // RTCP has the next port.
    if (port !== 0 && (taken.has(port) || taken.has(port + 1))) {
      throw new UsageError(`--rtp-in needs two ports for each track, and ${port} is one of another's`)
    }
    taken.add(port).add(port + 1)
    const tracks = broadcasts.get(name) ?? []
    tracks.push({ port, codec })
    broadcasts.set(name, tracks)
  }
  return [...broadcasts].map(([name, tracks]) => ({ name, tracks }))
}
