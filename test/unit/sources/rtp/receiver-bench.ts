/** A track of plain RTP without sockets and clock: datagrams go in, and what it sends is kept. */
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { LayerSink, StoredPacket } from '../../../../src/media/types.js'
import { writeBye } from '../../../../src/rtp/rtcp/bye.js'
import { createSenderReport, SENDER_REPORT_LENGTH, writeSenderReport } from '../../../../src/rtp/rtcp/sender-report.js'
import { RtpReceiver } from '../../../../src/sources/rtp/rtp-receiver.js'
import { type RtpSourceOptions, resolveRtpSource } from '../../../../src/sources/rtp/rtp-source-options.js'
import { srtpKeys } from '../../../../src/sources/rtp/srtp-key.js'
import { SyntheticVideo, type SyntheticVideoOptions } from '../../../../src/testing/synthetic-video.js'
import { createSrtpSender } from '../../../../src/transport/srtp/create-srtp.js'
import type { DatagramSender, RemoteAddress } from '../../../../src/transport/types.js'

/** What was sent, and where to. */
export interface SentDatagram {
  readonly datagram: Buffer
  readonly to: RemoteAddress
}

class KeptDatagrams implements DatagramSender {
  readonly buffer = Buffer.alloc(4096)
  readonly sent: SentDatagram[] = []
  reserve(): number {
    return 0
  }
  commit(offset: number, length: number, to: RemoteAddress): void {
    this.sent.push({ datagram: Buffer.from(this.buffer.subarray(offset, offset + length)), to })
  }
  flush(): void {}
}

export const HERE = '127.0.0.1'

export class ReceiverBench {
  nowMs = 1000
  readonly senders: string[] = []
  silences = 0
  readonly taken: { extSeq: number; timestamp: number; payloadType: number }[] = []
  readonly output = new KeptDatagrams()
  readonly receiver: RtpReceiver

  constructor(options: RtpSourceOptions = { codec: 'VP8' }) {
    const config = resolveRtpSource(options)
    const [track] = config.tracks
    if (track === undefined) throw new Error('no track')
    this.receiver = new RtpReceiver({
      config,
      track,
      media: defaultMediaConfig(0),
      sourceId: 'source',
      mid: '0',
      localSsrc: 99,
      cname: 'cname',
      srtpSender: config.srtp && createSrtpSender(srtpKeys(config.srtp)),
      sender: this.output,
      family: 4,
      onDue: () => {},
      onSender: (ip, port) => this.senders.push(`${ip}:${port}`),
      onSilence: () => this.silences++,
    })
    const sink: LayerSink = {
      onPacket: (packet: StoredPacket) => {
        const { extSeq, timestamp, bytes, start } = packet
        this.taken.push({ extSeq, timestamp, payloadType: (bytes[start + 1] as number) & 0x7f })
      },
    }
    this.receiver.ingest.tracks[0]?.layers[0]?.addSink(sink)
  }

  /** The sequence numbers that were forwarded. */
  get seqs(): number[] {
    return this.taken.map(({ extSeq }) => extSeq & 0xffff)
  }

  /** A video with one packet per frame. */
  video(options: Partial<SyntheticVideoOptions> = {}): SyntheticVideo {
    return new SyntheticVideo({ ssrc: 7, payloadType: 96, keyframePackets: 1, framePackets: 1, ...options })
  }

  /** Sends `count` frames from a port, 20 ms apart. */
  send(video: SyntheticVideo, count: number, port: number, ip = HERE): void {
    for (let i = 0; i < count; i++) {
      video.frame(20, (packet) => this.rtp(packet, port, ip))
      this.pass(20)
    }
  }

  rtp(packet: Buffer, port: number, ip = HERE): void {
    this.receiver.receive(packet, ip, port, false, this.nowMs)
  }

  rtcp(packet: Buffer, port: number, ip = HERE): void {
    this.receiver.receive(packet, ip, port, true, this.nowMs)
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.receiver.tick(this.nowMs)
  }
}

/** A sender report of that stream, at that time. */
export function report(ssrc: number, ntpSeconds: number, rtpTimestamp: number): Buffer {
  const packet = Buffer.alloc(SENDER_REPORT_LENGTH)
  writeSenderReport(packet, 0, { ...createSenderReport(), ssrc, ntpSeconds, rtpTimestamp })
  return packet
}

/** A report that says goodbye. */
export function goodbye(ssrc: number): Buffer {
  const packet = Buffer.alloc(SENDER_REPORT_LENGTH + 64)
  writeSenderReport(packet, 0, { ...createSenderReport(), ssrc, ntpSeconds: 1 })
  return packet.subarray(0, writeBye(packet, SENDER_REPORT_LENGTH, [ssrc]))
}
