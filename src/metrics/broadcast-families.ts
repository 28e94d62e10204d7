/** What each broadcast has counted, as metrics; of those without a place of their own, all together. */
import { broadcastSums } from '../engine/peer-sums.js'
import type { BroadcastSums, PeerSums } from '../engine/types.js'
import { addNumbers, combineNumbers } from '../util/number-tree.js'
import { BroadcastLabels, OTHER_BROADCASTS } from './broadcast-labels.js'
import { CounterBook } from './counter-book.js'
import { shardKey } from './media-families.js'
import type { MetricDefinition, MetricFamily, NumberSample } from './metric-family.js'
import { BROADCAST_METRICS as B } from './metric-table.js'
import type { MetricsBroadcast, SfuShardSummary } from './metrics-source.js'

interface Row {
  readonly broadcast: string
  readonly sums: BroadcastSums
  readonly publishers: number
  readonly viewers: number
}

/** See the top of the file. */
export class BroadcastFamilies {
  readonly #labels: BroadcastLabels
  readonly #books = new Map<string, CounterBook<BroadcastSums>>()
  /** Whom the books are about: another broadcast may have come under the same name. */
  readonly #owners = new Map<string, MetricsBroadcast>()
  /** What those have counted that had a place and are gone. */
  readonly #gone = {} as BroadcastSums
  /** What those with a place had counted before they got it: it was told of under the others, and stays there. */
  readonly #kept = {} as BroadcastSums
  /** Those that were among the others. */
  readonly #unnamed = new WeakSet<MetricsBroadcast>()
  /** What all others have counted, which must not fall. */
  readonly #other = {} as BroadcastSums

  constructor(maxBroadcasts: number) {
    this.#labels = new BroadcastLabels(maxBroadcasts)
  }

  /** The broadcasts that are told of by name; the shards are asked for those. */
  assign(broadcasts: readonly MetricsBroadcast[]): readonly string[] {
    const present = broadcasts.map(({ name, publishers, viewerCount }) => ({
      name,
      sessions: publishers.length + viewerCount,
    }))
    for (const name of this.#labels.assign(present)) this.#end(name)
    for (const broadcast of broadcasts) {
      const { name } = broadcast
      if (!this.#labels.names.has(name) || this.#owners.get(name) === broadcast) continue
      this.#end(name)
      this.#owners.set(name, broadcast)
    }
    return [...this.#labels.names]
  }

  /** Takes what the shards tell. */
  update(shards: readonly SfuShardSummary[]): void {
    const before = new Set(this.#books.keys())
    for (const shard of shards) {
      for (const { name, sums } of shard.broadcasts) {
        let book = this.#books.get(name)
        if (book === undefined) {
          book = new CounterBook()
          this.#books.set(name, book)
        }
        book.update(shardKey(shard), sums)
      }
    }
    for (const [name, book] of this.#books) {
      const owner = this.#owners.get(name)
      const total = before.has(name) ? undefined : book.total()
      if (total !== undefined && owner !== undefined && this.#unnamed.has(owner)) addNumbers(this.#kept, total)
    }
  }

  /** A series for each broadcast with a place, and one for the others; `whole` is what all have counted. */
  families(broadcasts: readonly MetricsBroadcast[], whole: PeerSums): readonly MetricFamily[] {
    const zero = zeroed(broadcastSums(whole))
    const rows: Row[] = []
    const rest = broadcastSums(whole)
    addNumbers(rest, this.#kept)
    subtract(rest, this.#gone)
    let [publishers, viewers] = [0, 0]
    for (const broadcast of broadcasts) {
      const { name } = broadcast
      if (!this.#labels.names.has(name)) {
        publishers += broadcast.publishers.length
        viewers += broadcast.viewerCount
        this.#unnamed.add(broadcast)
        continue
      }
      const sums = this.#books.get(name)?.total() ?? zero
      subtract(rest, sums)
      rows.push({ broadcast: name, sums, publishers: broadcast.publishers.length, viewers: broadcast.viewerCount })
    }
    combineNumbers(this.#other, rest, Math.max)
    rows.push({ broadcast: OTHER_BROADCASTS, sums: { ...this.#other }, publishers, viewers })
    return rowFamilies(rows)
  }

  #end(name: string): void {
    const last = this.#books.get(name)?.total()
    if (last !== undefined) addNumbers(this.#gone, last)
    this.#books.delete(name)
    this.#owners.delete(name)
  }
}

function rowFamilies(rows: readonly Row[]): readonly MetricFamily[] {
  const family = (
    definition: MetricDefinition,
    label: string | undefined,
    values: (row: Row) => Readonly<Record<string, number>>,
  ): MetricFamily => ({
    ...definition,
    samples: rows.flatMap((row) =>
      Object.entries(values(row)).map(
        ([name, value]): NumberSample => ({
          labels: { broadcast: row.broadcast, ...(label === undefined ? {} : { [label]: name }) },
          value,
        }),
      ),
    ),
  })
  const inOut = (definition: MetricDefinition, incoming: keyof BroadcastSums, outgoing: keyof BroadcastSums) =>
    family(definition, 'direction', ({ sums }) => ({ in: sums[incoming], out: sums[outgoing] }))
  const single = (definition: MetricDefinition, value: keyof BroadcastSums) =>
    family(definition, undefined, ({ sums }) => ({ value: sums[value] }))
  return [
    family(B.sessions, 'role', ({ publishers, viewers }) => ({ publisher: publishers, viewer: viewers })),
    inOut(B.rtpPackets, 'rtpPacketsIn', 'rtpPacketsOut'),
    inOut(B.rtpBytes, 'rtpBytesIn', 'rtpBytesOut'),
    inOut(B.packetsLost, 'packetsLostIn', 'packetsLostOut'),
    single(B.retransmittedPackets, 'retransmittedPackets'),
    inOut(B.keyframeRequests, 'keyframeRequestsIn', 'keyframeRequestsOut'),
    single(B.keyframes, 'keyframesReceived'),
  ]
}

function zeroed(sums: BroadcastSums): BroadcastSums {
  const zero = { ...sums }
  combineNumbers(zero, sums, () => 0)
  return zero
}

function subtract(from: BroadcastSums, sums: BroadcastSums): void {
  combineNumbers(from, sums, (a, b) => a - b)
}
