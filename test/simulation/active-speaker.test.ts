import { describe, expect, test } from 'vitest'
import { DominantSpeaker } from '../../src/media/audio/dominant-speaker.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import type { LinkConditions } from '../../src/testing/virtual-network.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'

const PACKET_MS = 20
const LEVEL_EXTENSION_ID = 1
const BACKGROUND_DBOV = -62

/** A microphone: words of some hundred milliseconds with gaps between them while its owner talks, background otherwise. */
class Microphone {
  talking = false
  readonly #random: SeededRandom
  #word = false
  #untilMs = 0

  constructor(
    seed: number,
    readonly loudnessDbov: number,
  ) {
    this.#random = new SeededRandom(seed)
  }

  levelDbov(nowMs: number): number {
    if (nowMs >= this.#untilMs) {
      this.#word = !this.#word
      this.#untilMs = nowMs + (this.#word ? this.#random.integer(200, 700) : this.#random.integer(60, 300))
    }
    const base = this.talking && this.#word ? this.loudnessDbov : BACKGROUND_DBOV
    return base + this.#random.integer(-4, 4)
  }
}

interface SceneOptions {
  readonly uplink?: Partial<LinkConditions>
  /** Sends nothing while it is silent (discontinuous transmission). */
  readonly dtx?: boolean
  /** Without, packets do not say their level. */
  readonly withLevels?: boolean
}

/** People around a table, each a publisher. */
class Table {
  readonly stage = new Stage()
  readonly dominant = new DominantSpeaker()
  readonly microphones: readonly Microphone[]
  /** Who was dominant, from when on. */
  readonly changes: { readonly id: string | undefined; readonly atMs: number }[] = []
  reports = 0

  constructor(seed: number, loudness: readonly number[], options: SceneOptions = {}) {
    const { stage } = this
    this.microphones = loudness.map((dbov, i) => new Microphone(seed * 100 + i, dbov))
    this.microphones.forEach((microphone, i) => {
      const publisher = stage.publisher({ id: `p${i}`, seed: seed * 10 + i, uplink: options.uplink ?? {} })
      this.#record(publisher, microphone, options)
      publisher.ingest.onSpeech = ({ speaking, levelDbov }) => {
        this.reports++
        if (speaking) this.dominant.speaks(`p${i}`, levelDbov, stage.nowMs)
        else this.dominant.stops(`p${i}`)
        const id = this.dominant.current
        if (id !== this.changes.at(-1)?.id) this.changes.push({ id, atMs: stage.nowMs })
      }
    })
  }

  /** Who talks for so long; the others are silent. */
  turn(who: readonly number[], durationMs: number): void {
    for (const [i, microphone] of this.microphones.entries()) microphone.talking = who.includes(i)
    this.stage.run(durationMs)
  }

  #record(publisher: SimulatedPublisher, microphone: Microphone, { dtx, withLevels }: SceneOptions): void {
    const { clock } = this.stage
    const startMs = clock.nowMs()
    let count = 0
    const step = (): void => {
      const dbov = microphone.levelDbov(clock.nowMs())
      const octet = Uint8Array.of(0x80 | -dbov)
      publisher.audio.elements = withLevels === false ? [] : [{ id: LEVEL_EXTENSION_ID, data: octet }]
      if (dtx === true && dbov < -50) publisher.audio.advance(PACKET_MS)
      else publisher.audioFrame(PACKET_MS)
      clock.at(startMs + ++count * PACKET_MS, step)
    }
    clock.at(startMs, step)
  }
}

/** The part of the time in which the dominant one was who had the word. */
function agreement(table: Table, truth: readonly { readonly id: string; readonly atMs: number }[]): number {
  const startMs = truth[0]?.atMs ?? 0
  const endMs = table.stage.nowMs
  const at = (list: readonly { readonly id: string | undefined; readonly atMs: number }[], nowMs: number) =>
    list.findLast(({ atMs }) => atMs <= nowMs)?.id
  let agreed = 0
  let all = 0
  for (let nowMs = startMs; nowMs < endMs; nowMs += 50, all++) {
    if (at(table.changes, nowMs) === at(truth, nowMs)) agreed++
  }
  return agreed / all
}

/** Turns of some seconds, with short words of others in between; returns the truth. */
function converse(table: Table, seed: number, turns: number): { readonly id: string; readonly atMs: number }[] {
  const random = new SeededRandom(seed)
  const people = table.microphones.length
  const truth: { readonly id: string; readonly atMs: number }[] = []
  let speaker = 0
  for (let i = 0; i < turns; i++) {
    speaker = (speaker + random.integer(1, people - 1)) % people
    truth.push({ id: `p${speaker}`, atMs: table.stage.nowMs })
    for (let part = random.integer(1, 3); part > 0; part--) {
      table.turn([speaker], random.integer(2500, 5000))
      table.turn([speaker, (speaker + 1) % people], random.integer(200, 500))
    }
  }
  return truth
}

describe.each([
  ['a good network', {}],
  ['loss and jitter', { uplink: { lossRate: 0.1, jitterMs: 30 } }],
  ['senders that send nothing while they are silent', { dtx: true }],
] satisfies [string, SceneOptions][])('%s', (_name, options: SceneOptions) => {
  test.each([1, 2, 3, 4])('the word goes around, and is followed, seed %i', (seed) => {
    const table = new Table(seed, [-22, -28, -25], options)
    const truth = converse(table, seed, 40)
    expect(agreement(table, truth)).toBeGreaterThan(0.85)
    expect(table.changes.length).toBeLessThan(truth.length * 1.15)
    table.turn([], 3000)
    expect(table.changes.at(-1)?.id).toBeUndefined()
  })
})

test('who begins is noticed within 0.6 s, and that nobody speaks within 1.7 s', () => {
  const table = new Table(7, [-25, -25])
  table.turn([], 3000)
  expect(table.changes).toEqual([])
  const beginsMs = table.stage.nowMs
  table.turn([1], 4000)
  expect(table.changes).toMatchObject([{ id: 'p1' }])
  expect((table.changes[0]?.atMs ?? 0) - beginsMs).toBeLessThan(600)
  const endsMs = table.stage.nowMs
  table.turn([], 4000)
  expect(table.changes).toMatchObject([{ id: 'p1' }, { id: undefined }])
  expect((table.changes[1]?.atMs ?? 0) - endsMs).toBeLessThan(1700)
})

test('silent publishers cost nothing, speaking ones five reports a second', () => {
  const table = new Table(8, [-25, -25, -25, -25])
  table.turn([], 60_000)
  expect(table.reports).toBe(0)
  table.turn([2], 60_000)
  expect(table.reports).toBeGreaterThan(250)
  expect(table.reports).toBeLessThanOrEqual(301)
})

test('packets that do not say their level are not heard', () => {
  const table = new Table(9, [-20], { withLevels: false })
  table.turn([0], 20_000)
  expect(table.reports).toBe(0)
})

test('a publisher that ends says nothing more', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  let reports = 0
  publisher.ingest.onSpeech = () => reports++
  publisher.audio.elements = [{ id: LEVEL_EXTENSION_ID, data: Uint8Array.of(20) }]
  publisher.start()
  stage.run(1000)
  expect(reports).toBeGreaterThan(0)
  const before = reports
  publisher.close()
  stage.run(3000)
  expect(reports).toBe(before)
})
