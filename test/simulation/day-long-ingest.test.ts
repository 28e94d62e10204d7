import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { PublisherIngest } from '../../src/media/ingest/publisher-ingest.js'
import { defaultMediaConfig } from '../../src/media/media-config.js'
import type { LayerSink } from '../../src/media/types.js'
import { isNack, readNack } from '../../src/rtp/rtcp/feedback.js'
import { RtcpReader } from '../../src/rtp/rtcp/rtcp-reader.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { SyntheticVideo } from '../../src/testing/synthetic-video.js'
import { Resender } from './support/resender.js'
import { TestOutput } from './support/test-output.js'
import { RTX, videoSection } from './support/upstream-delivery.js'

const SEED = 3
const DAY_MS = 24 * 60 * 60 * 1000
const FRAME_MS = 250
/** The encoder starts anew this often, under other SSRCs; and viewers come and go. */
const RESTART_MS = 30_000
const VIEWER_MS = 60_000
/** What the tests around it may leave behind, and the compiler. */
const GROWTH_BYTES = 500_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapBytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

class CountingSink implements LayerSink {
  packets = 0
  onPacket(): void {
    this.packets++
  }
}

/** A publisher in one: packets get lost, are repeated and overtake each other, and are asked for again. */
class LossyPublisher {
  readonly #random = new SeededRandom(SEED)
  readonly ingest: PublisherIngest
  readonly sink = new CountingSink()
  sent = 0
  nacked = 0
  restarts = 0
  nowMs = 1_000_000
  #video = this.#newVideo(0)
  #resender = this.#newResender()
  #held: Buffer | undefined
  #dueMs = Number.POSITIVE_INFINITY

  constructor() {
    const output = new TestOutput((buffer, start, end) => this.#receive(Buffer.from(buffer.subarray(start, end))), 10)
    const config = { ...defaultMediaConfig(0), reportIntervalMs: 10_000 }
    const base = { id: 'p', localSsrc: 1, cname: 'c', output, config }
    this.ingest = new PublisherIngest({ ...base, sections: [videoSection(true)] })
    this.ingest.onDue = (dueMs) => {
      this.#dueMs = Math.min(this.#dueMs, dueMs)
    }
  }

  run(untilMs: number): void {
    const layer = this.ingest.tracks[0]?.layers[0]
    for (; this.nowMs < untilMs; this.nowMs += FRAME_MS) {
      if (this.nowMs % RESTART_MS === 0) this.#restart()
      if (this.nowMs % VIEWER_MS === 0) {
        if ((this.nowMs / VIEWER_MS) % 4 === 0) layer?.removeSink(this.sink)
        else layer?.addSink(this.sink)
      }
      this.#video.frame(FRAME_MS, (packet) => this.#send(packet))
      while (this.#dueMs <= this.nowMs) {
        this.#dueMs = Number.POSITIVE_INFINITY
        this.#dueMs = Math.min(this.#dueMs, this.ingest.tick(this.nowMs))
      }
    }
  }

  #restart(): void {
    this.restarts++
    this.#video = this.#newVideo(this.restarts)
    this.#resender = this.#newResender()
  }

  #newVideo(index: number): SyntheticVideo {
    const seq = this.#random.integer(0, 65_535)
    const bytes = { keyframePackets: 1, framePackets: 1, packetBytes: 40 }
    return new SyntheticVideo({ ssrc: 1000 + 2 * index, payloadType: 96, seq, ...bytes })
  }

  #newResender(): Resender {
    const rtx = { ssrc: this.#video.ssrc + 1, payloadType: RTX.payloadType }
    return new Resender(this.#video.ssrc, (packet) => this.#arrive(packet), rtx)
  }

  #send(packet: Buffer): void {
    this.sent++
    this.#resender.keep(packet)
    if (this.#random.chance(0.05)) return
    if (this.#random.chance(0.1)) this.#arrive(Buffer.from(packet))
    const held = this.#held
    this.#held = undefined
    if (held === undefined && this.#random.chance(0.1)) this.#held = packet
    else this.#arrive(packet)
    if (held !== undefined) this.#arrive(held)
  }

  #arrive(packet: Buffer): void {
    this.ingest.receiveRtp(packet, 0, packet.length, this.nowMs)
  }

  #receive(packet: Buffer): void {
    const reader = new RtcpReader()
    reader.reset(packet, 0, packet.length)
    while (reader.next()) {
      if (!isNack(reader)) continue
      this.nacked += readNack(packet, reader, [])
      if (this.#random.chance(0.9)) this.#resender.receiveNack(packet, reader)
    }
  }
}

test(`a day and a night of losses, restarts and viewers that come and go grow nothing, seed ${SEED}`, () => {
  const publisher = new LossyPublisher()
  const startMs = publisher.nowMs
  publisher.run(startMs + DAY_MS / 6)
  const before = heapBytes()
  publisher.run(startMs + DAY_MS)
  const grownBytes = heapBytes() - before
  expect(publisher.sent).toBeGreaterThan(300_000)
  expect(publisher.restarts).toBeGreaterThan(2800)
  expect(publisher.nacked).toBeGreaterThan(8000)
  expect(grownBytes).toBeLessThan(GROWTH_BYTES)
  const { repair, dropped } = publisher.ingest.stats(publisher.nowMs)
  expect(repair.packetsRepaired).toBeGreaterThan(5000)
  expect(dropped.unrouted).toBe(0)
})
