/** What the shards have counted, as metrics. */
import type { PeerSums } from '../engine/types.js'
import type { HistogramCounts } from '../util/histogram.js'
import { CounterBook } from './counter-book.js'
import type { MetricDefinition, MetricFamily, MetricLabels, NumberSample } from './metric-family.js'
import { MEDIA_METRICS as M } from './metric-table.js'
import type { SfuShardSummary } from './metrics-source.js'

type Datagrams = SfuShardSummary['datagrams']

/** The part of a shard's summary that only grows. */
interface MediaCounters {
  readonly sums: PeerSums
  readonly datagrams: Datagrams
  readonly pipes: SfuShardSummary['pipes']
  readonly internalErrors: number
  readonly layerChanges: Readonly<Record<string, number>>
  readonly rtt: Pick<HistogramCounts, 'counts' | 'sum'>
  readonly firstVideo: Pick<HistogramCounts, 'counts' | 'sum'>
}

/** Why datagrams are dropped; the other counters of the port are no drops. */
const DROP_REASONS = [
  'stunMalformed',
  'stunUnknownUfrag',
  'stunBadIntegrity',
  'stunBadFingerprint',
  'stunUnsupported',
  'stunUnknownTransaction',
  'stunAddressInUse',
  'stunReplyTooLarge',
  'dtlsUnknownAddress',
  'joinsPutOff',
  'srtpUnknownAddress',
  'unclassified',
  'sendQueueFull',
  'sendErrors',
  'tcpQueueFull',
  'defects',
] as const satisfies readonly (keyof Datagrams)[]

const TCP_OUTCOMES = ['tcpAccepted', 'tcpRefused', 'tcpEvicted', 'tcpTimedOut', 'tcpMalformed'] as const

/** Adds up what the shards tell at each scrape. */
export class MediaFamilies {
  readonly #book = new CounterBook<MediaCounters>()

  /** Takes what the shards tell. */
  update(shards: readonly SfuShardSummary[]): void {
    for (const shard of shards) {
      const { sums, datagrams, pipes, internalErrors, layerChanges, rttSeconds, firstVideoSeconds } = shard
      this.#book.update(shardKey(shard), {
        sums,
        datagrams,
        pipes,
        internalErrors,
        layerChanges,
        rtt: { counts: rttSeconds.counts, sum: rttSeconds.sum },
        firstVideo: { counts: firstVideoSeconds.counts, sum: firstVideoSeconds.sum },
      })
    }
  }

  /** What all peers have counted so far; undefined before there were shards. */
  get sums(): PeerSums | undefined {
    return this.#book.total()?.sums
  }

  /** Everything; nothing before there were shards. */
  families(shards: readonly SfuShardSummary[]): readonly MetricFamily[] {
    const total = this.#book.total()
    const [first] = shards
    if (total === undefined || first === undefined) return []
    return [
      ...trafficFamilies(total),
      ...repairFamilies(total.sums),
      ...keyframeFamilies(total.sums),
      family(M.layerChanges, byName(total.layerChanges, 'reason')),
      { ...M.rtt, samples: [{ labels: {}, histogram: { ...first.rttSeconds, ...total.rtt } }] },
      { ...M.firstVideo, samples: [{ labels: {}, histogram: { ...first.firstVideoSeconds, ...total.firstVideo } }] },
      ...levelFamilies(shards),
      one(M.internalErrors, total.internalErrors),
    ]
  }
}

/** Names a shard from its opening to its end. */
export function shardKey({ shard, openedAtUnixMs }: SfuShardSummary): string {
  return `${shard} ${openedAtUnixMs}`
}

function trafficFamilies({ sums: { transport, ingest, egress }, datagrams, pipes }: MediaCounters): MetricFamily[] {
  const { traffic } = transport
  const staged = (stage: string, drops: object) =>
    byName({ ...drops }, 'reason').map((sample) => withStage(stage, sample))
  return [
    inOut(M.rtpPackets, traffic.rtpPacketsIn, traffic.rtpPacketsOut),
    inOut(M.rtpBytes, traffic.rtpBytesIn, traffic.rtpBytesOut),
    inOut(M.rtcpPackets, traffic.rtcpPacketsIn, traffic.rtcpPacketsOut),
    inOut(M.rtcpBytes, traffic.rtcpBytesIn, traffic.rtcpBytesOut),
    inOut(M.datagrams, datagrams.datagramsIn, datagrams.datagramsOut),
    inOut(M.datagramBytes, datagrams.bytesIn, datagrams.bytesOut),
    family(M.datagramsDropped, byName(pick(datagrams, DROP_REASONS), 'reason')),
    family(M.packetsDropped, [
      ...staged('transport', transport.dropped),
      ...staged('ingest', ingest.dropped),
      ...staged('egress', egress.dropped),
    ]),
    inOut(M.pipePacketsDropped, pipes.droppedIn, pipes.droppedOut),
    family(
      M.tcpOutcomes,
      byName(pick(datagrams, TCP_OUTCOMES), 'outcome').map(({ labels, value }) => ({
        labels: { outcome: (labels.outcome ?? '').replace('tcp-', '') },
        value,
      })),
    ),
    one(M.socketErrors, datagrams.socketErrors),
  ]
}

function repairFamilies({ ingest, egress }: PeerSums): MetricFamily[] {
  return [
    inOut(M.packetsLost, ingest.packetsLost, egress.packetsLost),
    one(M.packetsRepaired, ingest.packetsRepaired),
    one(M.packetsGivenUp, ingest.lostForGood),
    inOut(M.nacks, egress.nacksReceived, ingest.nacksSent),
    inOut(M.nackedPackets, egress.nackedPackets, ingest.packetsNacked),
    inOut(M.retransmittedPackets, ingest.rtxReceived, egress.retransmittedPackets),
    one(M.retransmittedBytes, egress.retransmittedBytes),
    family(M.retransmissionsRefused, byName(egress.retransmissionsRefused, 'reason')),
    one(M.packetsPaced, egress.pacerQueued),
  ]
}

function keyframeFamilies({ ingest, egress }: PeerSums): MetricFamily[] {
  const request = (direction: string, type: string, value: number) => ({ labels: { direction, type }, value })
  return [
    family(M.keyframeRequests, [
      request('in', 'pli', egress.pliReceived),
      request('in', 'fir', egress.firReceived),
      request('out', 'pli', ingest.pliSent),
      request('out', 'fir', ingest.firSent),
    ]),
    one(M.keyframeRequestsMerged, ingest.keyframeRequestsCoalesced + egress.keyframeRequestsEarly),
    one(M.keyframes, ingest.keyframesReceived),
    family(M.viewerStarts, [
      { labels: { kind: 'instant' }, value: egress.instantStarts },
      { labels: { kind: 'waited' }, value: egress.waitedStarts },
    ]),
  ]
}

function levelFamilies(shards: readonly SfuShardSummary[]): MetricFamily[] {
  const sum = (of: (shard: SfuShardSummary) => number) => shards.reduce((total, shard) => total + of(shard), 0)
  return [
    one(
      M.estimates,
      sum(({ levels }) => levels.estimates),
    ),
    one(M.estimatedBandwidth, sum(({ levels }) => levels.estimatedBps) / 8),
    family(M.videos, [
      { labels: { state: 'live' }, value: sum(({ levels }) => levels.videosLive) },
      { labels: { state: 'waiting' }, value: sum(({ levels }) => levels.videosWaiting) },
    ]),
    one(
      M.tcpConnections,
      sum(({ tcpConnections }) => tcpConnections),
    ),
    family(
      M.shardSessions,
      shards.flatMap(({ shard, publishers, viewers }) => [
        { labels: { shard: String(shard), role: 'publisher' }, value: publishers },
        { labels: { shard: String(shard), role: 'viewer' }, value: viewers },
      ]),
    ),
  ]
}

function family(definition: MetricDefinition, samples: readonly NumberSample[]): MetricFamily {
  return { ...definition, samples }
}

function one(definition: MetricDefinition, value: number): MetricFamily {
  return family(definition, [{ labels: {}, value }])
}

function inOut(definition: MetricDefinition, incoming: number, outgoing: number): MetricFamily {
  return family(definition, [
    { labels: { direction: 'in' }, value: incoming },
    { labels: { direction: 'out' }, value: outgoing },
  ])
}

/** A sample for each number, with its name in kebab case as the label. */
function byName(numbers: Readonly<Record<string, number>>, label: string): NumberSample[] {
  return Object.entries(numbers).map(([name, value]) => ({
    labels: { [label]: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) },
    value,
  }))
}

function withStage(stage: string, { labels, value }: NumberSample): NumberSample {
  return { labels: { stage, ...labels } as MetricLabels, value }
}

function pick<Name extends string>(
  from: Readonly<Record<Name, number>>,
  names: readonly Name[],
): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}
