/** Two servers and what is between them: the egress of the one, the ingest of the other, and their RTP and RTCP in both directions. */
import { type EgressSection, ViewerEgress } from '../../../src/media/egress/viewer-egress.js'
import { PublisherIngest } from '../../../src/media/ingest/publisher-ingest.js'
import type { MediaConfig, MediaSource } from '../../../src/media/types.js'
import { feedbackMediaSsrc, isPli } from '../../../src/rtp/rtcp/feedback.js'
import { createPauseEntry, readPauseEntry } from '../../../src/rtp/rtcp/pause.js'
import { RtcpReader } from '../../../src/rtp/rtcp/rtcp-reader.js'
import type { HeaderExtension } from '../../../src/rtp/types.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { type LinkConditions, VirtualLink } from '../../../src/testing/virtual-network.js'
import { MID_URI, OPUS, payloadCodec, REPAIRED_RID_URI, RID_URI, TRANSPORT_WIDE_URI, VP8 } from './sections.js'
import { drive, isRtcp, TestOutput } from './test-output.js'

export const AUDIO_SSRC = 0x6000
export const LAYER_SSRC = 0x6100
export const RTX_SSRC = 0x6200
const EXTENSIONS: readonly HeaderExtension[] = [
  { id: 1, uri: MID_URI },
  { id: 2, uri: RID_URI },
  { id: 3, uri: REPAIRED_RID_URI },
  { id: 5, uri: TRANSPORT_WIDE_URI },
]

export interface RelayLinkOptions {
  readonly seed?: number
  /** How many layers it can carry. */
  readonly layers?: number
  /** False where pauses were not negotiated. */
  readonly pause?: boolean
  /** From the near server to the far one. */
  readonly downlink?: Partial<LinkConditions>
  readonly uplink?: Partial<LinkConditions>
}

/** A message about a pause that has crossed. */
export interface SeenPause {
  readonly kind: 'PAUSE' | 'RESUME' | 'PAUSED' | 'REFUSED'
  readonly rid: string
  readonly pauseId: number
  readonly extSeq: number
  readonly atMs: number
}

const KINDS = ['PAUSE', 'RESUME', 'PAUSED', 'REFUSED'] as const

export class RelayLink {
  /** Of the near server. */
  readonly egress: ViewerEgress
  /** Of the far one. */
  readonly ingest: PublisherIngest
  readonly downlink: VirtualLink
  readonly uplink: VirtualLink
  readonly pauses: SeenPause[] = []
  /** Per rid: packets that were sent on the stream itself, as retransmissions, and keyframe requests that came for it. */
  readonly sent = new Map<string, number>()
  readonly resent = new Map<string, number>()
  readonly plis = new Map<string, number>()
  /** Per SSRC: sequence numbers as they were sent. */
  readonly seqs = new Map<number, number[]>()
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock, config: MediaConfig, options: RelayLinkOptions = {}) {
    const { seed = 1, layers = 3, pause = true } = options
    this.#clock = clock
    const rids = Array.from({ length: layers }, (_, rank) => String(rank))
    const video = { ...payloadCodec(96, VP8, ['nack', 'nack pli', 'transport-cc']), rtxPayloadType: 97 }
    const audio = payloadCodec(111, OPUS)
    const shared = { extensions: EXTENSIONS, ...(pause ? { pause } : {}) }
    const sections: EgressSection[] = [
      { mid: 'a', kind: 'audio', codecs: [audio], ...shared, ssrc: AUDIO_SSRC },
      {
        ...{ mid: 'v', kind: 'video', codecs: [video], ...shared, ssrc: LAYER_SSRC, rtxSsrc: RTX_SSRC },
        layers: rids.map((rid, rank) => ({ rid, ssrc: LAYER_SSRC + rank, rtxSsrc: RTX_SSRC + rank })),
      },
    ]
    this.downlink = new VirtualLink(clock, seed * 13 + 5, (packet) => this.#arrive(packet), options.downlink)
    this.uplink = new VirtualLink(clock, seed * 13 + 6, (packet) => this.#return(packet), options.uplink)
    this.egress = new ViewerEgress({
      id: `link-${seed}`,
      sections,
      cname: `near-${seed}`,
      output: new TestOutput((buffer, start, end) => this.#send(buffer, start, end), 100_000),
      config,
      initialSeq: (index) => (seed * 971 + index * 131) % 32_768,
      initialTimestamp: (index) => (seed * 1_000_003 + index * 777_777_777) >>> 0,
    })
    this.egress.onFault = (error) => {
      throw error
    }
    this.ingest = new PublisherIngest({
      id: `far-${seed}`,
      sections: [
        { mid: 'a', kind: 'audio', codecs: [audio], ...shared, ssrcs: [], rids: [] },
        { mid: 'v', kind: 'video', codecs: [video], ...shared, ssrcs: [], rids },
      ],
      localSsrc: 0x6f6f_0000 + seed,
      cname: `far-${seed}`,
      output: new TestOutput((buffer, start, end) => this.uplink.send(buffer, start, end)),
      config,
    })
    drive(clock, this.egress)
    drive(clock, this.ingest)
  }

  /** It carries what comes from `source`. */
  start(source: MediaSource): void {
    this.egress.setSource('main', source, this.#clock.nowMs())
    this.egress.start(this.#clock.nowMs())
  }

  /** What crossed about the layer's pauses, repetitions included. */
  pausesOf(rid: string, ...kinds: SeenPause['kind'][]): SeenPause[] {
    return this.pauses.filter((seen) => seen.rid === rid && (kinds.length === 0 || kinds.includes(seen.kind)))
  }

  /** Packets of the layers so far, worst first. */
  get sentByRank(): number[] {
    return ['0', '1', '2'].map((rid) => this.sent.get(rid) ?? 0)
  }

  #send(buffer: Buffer, start: number, end: number): void {
    const packet = buffer.subarray(start, end)
    if (isRtcp(packet)) this.#note(packet)
    else {
      const ssrc = packet.readUInt32BE(8)
      if (ssrc >= RTX_SSRC) count(this.resent, String(ssrc - RTX_SSRC))
      else if (ssrc >= LAYER_SSRC) count(this.sent, String(ssrc - LAYER_SSRC))
      const seqs = this.seqs.get(ssrc) ?? []
      this.seqs.set(ssrc, seqs)
      seqs.push(packet.readUInt16BE(2))
    }
    this.downlink.send(buffer, start, end)
  }

  #arrive(packet: Buffer): void {
    const nowMs = this.#clock.nowMs()
    if (isRtcp(packet)) this.ingest.receiveRtcp(packet, 0, packet.length, nowMs)
    else this.ingest.receiveRtp(packet, 0, packet.length, nowMs)
  }

  #return(packet: Buffer): void {
    this.#note(packet)
    this.egress.receiveRtcp(packet, 0, packet.length, this.#clock.nowMs())
  }

  #note(packet: Buffer): void {
    const reader = new RtcpReader()
    if (!reader.reset(packet, 0, packet.length)) throw new Error('a server has sent RTCP that is not valid')
    const entry = createPauseEntry()
    while (reader.next()) {
      if (isPli(reader)) count(this.plis, String(feedbackMediaSsrc(packet, reader) - LAYER_SSRC))
      for (let at = readPauseEntry(packet, reader, 0, entry); at >= 0; at = readPauseEntry(packet, reader, at, entry)) {
        const { ssrc, type, pauseId, extSeq } = entry
        const kind = KINDS[type]
        if (kind === undefined) throw new Error(`a server has sent a message about a pause of type ${type}`)
        this.pauses.push({ kind, rid: String(ssrc - LAYER_SSRC), pauseId, extSeq, atMs: this.#clock.nowMs() })
      }
    }
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
