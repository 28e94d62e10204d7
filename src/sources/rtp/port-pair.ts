/** The sockets of one RTP stream: a port for RTP and the next one for RTCP (RFC 3550, section 11), or one for both (RFC 5761). */
import type { Socket } from 'node:dgram'
import { BroadcastError } from '../../errors.js'
import { type MediaSockets, openMediaSockets } from '../../transport/udp/media-sockets.js'

/** The next port may be taken, and the kernel's free choice may be odd; then it is asked again. */
const PORT_ATTEMPTS = 64

/** Asked of the kernel: a keyframe of a good camera comes in one burst. */
const BUFFER_BYTES = 2 * 1024 * 1024

/** How a {@link PortPair} is opened. */
export interface PortPairConfig {
  readonly listenIp: string
  /** That of RTP; 0 for any free even one. */
  readonly port: number
  readonly rtcpMux: boolean
}

/** Bound sockets. */
export interface PortPair {
  readonly port: number
  /** The same as `port` where both share it. */
  readonly rtcpPort: number
  readonly family: 4 | 6
  readonly rtp: Socket
  /** Undefined where both share a port. */
  readonly rtcp: Socket | undefined
  close(): Promise<void>
}

/** Opens all pairs or none, one after the other, as ports that are free together may be neighbours. */
export async function openPortPairs(configs: readonly PortPairConfig[]): Promise<readonly PortPair[]> {
  const opened: PortPair[] = []
  try {
    for (const config of configs) opened.push(await openPortPair(config))
    return opened
  } catch (error) {
    await Promise.all(opened.map((pair) => pair.close()))
    throw error
  }
}

/** Opens both or none. Rejects with `socket-failed` if the system refuses. */
async function openPortPair(config: PortPairConfig): Promise<PortPair> {
  for (let attempt = 1; ; attempt++) {
    const rtp = await open(config.listenIp, config.port)
    if (config.rtcpMux) return joined(rtp, undefined)
    const isLast = config.port !== 0 || attempt === PORT_ATTEMPTS
    if (isLast || (rtp.port % 2 === 0 && rtp.port < 65_535)) {
      try {
        return joined(rtp, await open(config.listenIp, rtp.port + 1))
      } catch (error) {
        if (isLast) {
          await rtp.close()
          throw BroadcastError.from(error)
        }
      }
    }
    await rtp.close()
  }
}

function joined(rtp: MediaSockets, rtcp: MediaSockets | undefined): PortPair {
  const bound = rtp.udp[0] as MediaSockets['udp'][0]
  return {
    port: rtp.port,
    rtcpPort: (rtcp ?? rtp).port,
    family: bound.family,
    rtp: bound.socket,
    rtcp: rtcp?.udp[0]?.socket,
    close: async () => {
      await Promise.all([rtp.close(), rtcp?.close()])
    },
  }
}

async function open(listenIp: string, port: number): Promise<MediaSockets> {
  try {
    return await openMediaSockets({
      listenIps: [listenIp],
      port,
      optionalIpv6: false,
      tcp: false,
      receiveBufferBytes: BUFFER_BYTES,
      sendBufferBytes: BUFFER_BYTES,
    })
  } catch (error) {
    const { cause } = error as Error
    const text = cause instanceof Error ? cause.message : String(error)
    throw new BroadcastError('socket-failed', `port ${port} of ${listenIp} cannot be opened for plain RTP: ${text}`, {
      details: { port, listenIp },
      cause: error,
    })
  }
}
