/** What sends plain RTP as FFmpeg does, without it. */
import { createSocket, type Socket } from 'node:dgram'
import { createSenderReport, SENDER_REPORT_LENGTH, writeSenderReport } from '../../src/rtp/rtcp/sender-report.js'
import { type SyntheticAudio, type SyntheticStream, SyntheticVideo } from '../../src/testing/synthetic-video.js'

const FRAME_MS = 20
/** Media and clocks begin where a sender's do: somewhere. */
const EPOCH_SECONDS = 3_900_000_000

/** A program that sends one stream in real time, with reports, from ports that the system chooses. */
export class PlainSender {
  static readonly #all: PlainSender[] = []
  readonly rtcpReceived: Buffer[] = []
  readonly #rtp: Socket
  readonly #rtcp: Socket
  readonly #timer: NodeJS.Timeout

  private constructor(rtp: Socket, rtcp: Socket, stream: SyntheticVideo | SyntheticAudio, port: number) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    rtcp.on('message', (datagram) => {
      this.rtcpReceived.push(datagram)
      const asksForKeyframe = datagram.includes(Buffer.from([0x81, 206]))
      if (asksForKeyframe && stream instanceof SyntheticVideo) stream.keyframeWanted = true
    })
    this.#timer = setInterval(() => {
      if (stream.packetsSent % 25 === 0) this.#rtcp.send(reportOf(stream), port + 1, '127.0.0.1')
      stream.frame(FRAME_MS, (packet) => this.#rtp.send(packet, port, '127.0.0.1'))
    }, FRAME_MS)
    PlainSender.#all.push(this)
  }

  static async start(stream: SyntheticVideo | SyntheticAudio, port: number): Promise<PlainSender> {
    const [rtp, rtcp] = await Promise.all([boundSocket(), boundSocket()])
    return new PlainSender(rtp, rtcp, stream, port)
  }

  /** All of them, at the end of a test. */
  static async closeAll(): Promise<void> {
    await Promise.all(PlainSender.#all.splice(0).map((sender) => sender.close()))
  }

  /** As if it were killed. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([this.#rtp, this.#rtcp].map(closeSocket))
  }
}

/** A socket at a free port of 127.0.0.1. */
export async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket
}

/** Closes it, if it is not closed. */
export function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve())
    } catch {
      resolve()
    }
  })
}

/** The stream's time tells the wall clock's, so that audio and video are in sync. */
function reportOf({ ssrc, timestamp, clockRate }: SyntheticStream): Buffer {
  const seconds = timestamp / clockRate
  const packet = Buffer.alloc(SENDER_REPORT_LENGTH)
  writeSenderReport(packet, 0, {
    ...createSenderReport(),
    ssrc,
    ntpSeconds: EPOCH_SECONDS + Math.floor(seconds),
    ntpFraction: Math.floor((seconds % 1) * 0x1_0000_0000),
    rtpTimestamp: timestamp,
  })
  return packet
}
