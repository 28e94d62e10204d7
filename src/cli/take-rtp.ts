/** Takes plain RTP into broadcasts, and says how to send it. */
import { BroadcastError } from '../index.js'
import { type LocalSource, type RtpSource, rtpSource } from '../sources/index.js'
import type { RtpInBroadcast } from './rtp-in-arguments.js'

/** What it is taken into; an `Sfu`, or something like it in tests. */
export interface RtpInTarget {
  broadcast(name: string): { addSource(source: LocalSource): Promise<unknown> }
}

/** Opens the ports of all of them, on loopback; resolves with the lines to print. Rejects if a port cannot be opened. */
export async function takeRtp(target: RtpInTarget, broadcasts: readonly RtpInBroadcast[]): Promise<string> {
  const lines: string[] = []
  for (const { name, tracks } of broadcasts) {
    const source = rtpSource({ tracks })
    await target.broadcast(name).addSource(source)
    const where = tracks.map(({ codec }, i) => `${codec} at port ${source.ports[i]}`)
    lines.push(
      `  RTP in    ${name}: ${where.join(', ')} of this machine, RTCP behind each`,
      ...sendingLines(source),
      '',
    )
  }
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}

/** What there is to copy into another terminal, for codecs that the tools send. */
function sendingLines(source: RtpSource): readonly string[] {
  return [
    () => source.commandLine({ input: 'film.mkv' }),
    () => `gst-launch-1.0 ${source.gstreamerPipeline()}`,
  ].flatMap((write) => {
    try {
      return [`    ${write()}`]
    } catch (error) {
      if (error instanceof BroadcastError) return []
      throw error
    }
  })
}
