import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Pacer } from '../../../../src/media/egress/pacer.js'
import { DEFAULT_PACER_CONFIG, type PacedStream, type PacerConfig } from '../../../../src/media/egress/pacer-config.js'
import type { PacerLane } from '../../../../src/media/egress/pacer-lane.js'
import type { MediaLayer, StoredPacket } from '../../../../src/media/types.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'

const SIZE = 1000

interface Sent {
  readonly atMs: number
  readonly what: 'video' | 'again' | 'padding' | 'audio'
  readonly extSeq: number
  readonly bytes: number
  readonly clusterId: number
}

/** A viewer with video streams, whose pacer is called when it is due. */
class Sender {
  readonly clock = new VirtualClock(0)
  readonly sent: Sent[] = []
  readonly streams: TestStream[] = []
  readonly pacer: Pacer
  ticks = 0
  padding = true
  /** The transport takes nothing. */
  backlogged = false
  #cancel: () => void = () => {}

  constructor(config: Partial<PacerConfig> = {}) {
    this.pacer = new Pacer({
      config: { ...DEFAULT_PACER_CONFIG, ...config },
      sendPadding: (bytes) => {
        if (this.padding) this.note('padding', -1, bytes)
        return this.padding ? bytes : 0
      },
      isBacklogged: () => this.backlogged,
      onDue: (dueMs) => this.#arm(dueMs),
    })
  }

  get nowMs(): number {
    return this.clock.nowMs()
  }

  stream(): TestStream {
    const stream = new TestStream(this)
    this.streams.push(stream)
    return stream
  }

  note(what: Sent['what'], extSeq: number, bytes: number): void {
    this.sent.push({ atMs: this.nowMs, what, extSeq, bytes, clusterId: this.pacer.takeClusterId() })
  }

  setTarget(bps: number, strained = false, ample = false): void {
    this.pacer.setTarget(bps, strained, this.nowMs, ample)
  }

  run(durationMs: number): void {
    this.clock.advance(durationMs)
  }

  #arm(dueMs: number): void {
    this.#cancel()
    this.#cancel = Number.isFinite(dueMs) ? this.clock.at(Math.max(dueMs, this.nowMs), () => this.#tick()) : () => {}
  }

  #tick(): void {
    if (++this.ticks > 1_000_000) throw new Error('it is always due')
    const dueMs = this.pacer.tick(this.nowMs)
    if (dueMs <= this.nowMs) throw new Error(`due at ${dueMs} again, at ${this.nowMs}`)
    this.#arm(dueMs)
  }
}

class TestStream implements PacedStream {
  readonly lane: PacerLane
  readonly layer = {} as MediaLayer
  readonly skips: number[] = []
  readonly requests: number[] = []
  next = 0
  /** What the history has lost. */
  readonly lost = new Set<number>()
  readonly #sender: Sender

  constructor(sender: Sender) {
    this.#sender = sender
    this.lane = sender.pacer.addLane(this)
  }

  /** A frame arrives. */
  frame(packets: number, keyframe = false): void {
    for (let i = 0; i < packets; i++) {
      const packet = { extSeq: this.next++, keyframe: keyframe && i === 0 } as StoredPacket
      const { pacer, nowMs } = this.#sender
      if (pacer.offer(this.lane, packet, this.layer, SIZE, nowMs)) this.#sender.note('video', packet.extSeq, SIZE)
    }
  }

  again(extSeq: number, past = false): void {
    if (this.#sender.pacer.offerAgain(this.lane, extSeq, SIZE, past, this.#sender.nowMs))
      this.#sender.note('again', extSeq, SIZE)
  }

  sendPaced(layer: MediaLayer, extSeq: number): number {
    expect(layer).toBe(this.layer)
    if (this.lost.has(extSeq)) return 0
    this.#sender.note('video', extSeq, SIZE)
    return SIZE
  }

  sendAgain(extSeq: number): number {
    this.#sender.note('again', extSeq, SIZE)
    return SIZE
  }

  skipToKeyframe(nowMs: number): void {
    this.skips.push(nowMs)
  }

  requestKeyframe(nowMs: number): void {
    this.requests.push(nowMs)
  }
}

const video = (sender: Sender): number[] =>
  sender.sent.filter(({ what }) => what === 'video').map(({ extSeq }) => extSeq)

describe('without an estimate', () => {
  it('passes everything at once', () => {
    const sender = new Sender()
    const stream = sender.stream()
    stream.frame(500, true)
    stream.again(3)
    expect(sender.sent.length).toBe(501)
    expect(sender.pacer.unlimited).toBe(true)
    expect(sender.ticks).toBe(0)
  })

  it('passes everything again when the limit is lifted, what waited first', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(100_000)
    stream.frame(20, true)
    expect(sender.sent.length).toBeLessThan(20)
    sender.setTarget(Number.POSITIVE_INFINITY)
    sender.run(1)
    expect(video(sender)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(sender.pacer.unlimited).toBe(true)
    stream.frame(100)
    expect(sender.sent.length).toBe(120)
  })
})

describe('with an estimate that is ample', () => {
  it('passes everything but what comes with a keyframe, until that has left', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(1_000_000, false, true)
    sender.run(1)
    stream.frame(20)
    expect(sender.sent.length).toBe(20)
    expect(sender.pacer.unlimited).toBe(true)
    stream.frame(20, true)
    expect(sender.sent.length).toBeLessThan(25)
    sender.run(500)
    expect(sender.sent.length).toBe(40)
    expect(sender.pacer.unlimited).toBe(true)
    stream.frame(20)
    expect(sender.sent.length).toBe(60)
  })

  it('is spread again when it is ample no more', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(1_000_000, false, true)
    sender.run(1)
    sender.setTarget(1_000_000)
    stream.frame(20)
    expect(sender.sent.length).toBeLessThan(5)
    sender.setTarget(1_000_000, false, true)
    sender.run(1)
    stream.frame(1)
    expect(sender.pacer.stats.dropped).toBe(0)
  })
})

describe('with an estimate', () => {
  it('sends small frames as they come, without waiting', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(3_000_000)
    for (let i = 0; i < 30; i++) {
      stream.frame(3)
      sender.run(33)
    }
    expect(sender.pacer.stats.queued).toBe(0)
    expect(sender.sent.length).toBe(90)
  })

  it('spreads a large frame at the pacing rate, in order', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(1_600_000)
    stream.frame(100, true)
    sender.run(450)
    expect(video(sender)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const lastMs = sender.sent.at(-1)?.atMs ?? 0
    // 104 400 bytes with headers at 250 bytes per millisecond, of which five milliseconds may go ahead.
    expect(lastMs).toBeGreaterThan(400)
    expect(lastMs).toBeLessThanOrEqual(418)
    for (const { atMs } of sender.sent) {
      const within = sender.sent.filter((other) => other.atMs >= atMs && other.atMs < atMs + 20)
      expect(within.length * SIZE).toBeLessThanOrEqual(500 * (20 + 5) + 2 * SIZE)
    }
  })

  it('does not let a packet overtake those that wait', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(400_000)
    for (let i = 0; i < 10; i++) {
      stream.frame(3)
      sender.run(11)
    }
    sender.run(1000)
    const sent = video(sender)
    expect(sent).toEqual([...sent].sort((a, b) => a - b))
    expect(sent.length).toBe(30)
  })

  it('sends what is sent again before video, and lets audio pass', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(400_000)
    stream.frame(20, true)
    stream.again(1000)
    const before = sender.sent.length
    sender.pacer.passed(100, sender.nowMs)
    sender.run(1000)
    expect(sender.sent[before]).toMatchObject({ what: 'again', extSeq: 1000 })
  })

  it('counts audio, which leaves less for video', () => {
    const run = (audio: boolean): number => {
      const sender = new Sender()
      const stream = sender.stream()
      sender.setTarget(800_000)
      stream.frame(100, true)
      for (let i = 0; i < 20; i++) {
        if (audio) sender.pacer.passed(1000, sender.nowMs)
        sender.run(10)
      }
      return sender.sent.length
    }
    expect(run(false) - run(true)).toBeGreaterThanOrEqual(18)
  })

  it('counts what the history has lost, and goes on', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(800_000)
    stream.lost.add(30)
    stream.frame(40, true)
    sender.run(500)
    expect(sender.pacer.stats.evicted).toBe(1)
    expect(video(sender).length).toBe(39)
  })

  it('goes on however small the estimate is', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(0)
    stream.frame(2, true)
    sender.run(5000)
    expect(sender.ticks).toBeLessThan(50)
  })
})

describe('what waits', () => {
  it('is dropped when it is too old, and a keyframe is asked for when there is room', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(80_000)
    stream.frame(50, true)
    sender.run(600)
    expect(stream.skips.length).toBe(1)
    expect(sender.pacer.queuedBytes).toBe(0)
    expect(sender.pacer.stats.dropped).toBeGreaterThan(20)
    expect(stream.requests.length).toBe(1)
    stream.frame(5)
    expect(sender.pacer.queuedBytes).toBe(0)
    const before = sender.sent.length
    stream.frame(1, true)
    stream.frame(1)
    sender.run(500)
    expect(sender.sent.length).toBe(before + 2)
  })

  it('is dropped only up to a keyframe that waits too', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(80_000)
    stream.frame(30, true)
    sender.run(300)
    stream.frame(3, true)
    sender.run(400)
    expect(stream.skips.length).toBe(1)
    expect(stream.requests).toEqual([])
    expect(video(sender).slice(-3)).toEqual([30, 31, 32])
  })

  it('has a bound in bytes', () => {
    const sender = new Sender({ maxQueueBytes: 20 * SIZE })
    const stream = sender.stream()
    sender.setTarget(80_000)
    stream.frame(100, true)
    expect(sender.pacer.queuedBytes).toBeLessThanOrEqual(20 * SIZE)
    expect(stream.skips.length).toBe(1)
    sender.run(1000)
    expect(stream.requests.length).toBe(1)
  })

  it('of one stream is dropped without the others', () => {
    const sender = new Sender()
    const [one, other] = [sender.stream(), sender.stream()]
    sender.setTarget(200_000)
    one.frame(60, true)
    sender.run(400)
    other.frame(2, true)
    sender.run(400)
    expect([one.skips.length, other.skips.length]).toEqual([1, 0])
    expect(sender.sent.slice(-2).map(({ extSeq }) => extSeq)).toEqual([0, 1])
  })

  it('is forgotten when the stream is fed by something else', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(80_000)
    stream.frame(50, true)
    sender.pacer.clear(stream.lane, sender.nowMs)
    const before = sender.sent.length
    sender.run(2000)
    expect(sender.sent.length).toBe(before)
    expect([stream.skips.length, stream.requests.length]).toEqual([0, 0])
  })

  it('makes a viewer that is much too slow ask for ever fewer keyframes', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(50_000)
    let answered = 0
    for (let i = 0; i < 60 * 30; i++) {
      const asked = stream.requests.length > answered
      if (asked) answered = stream.requests.length
      stream.frame(i === 0 || asked ? 40 : 5, i === 0 || asked)
      sender.run(33)
    }
    expect(stream.requests.length).toBeGreaterThan(2)
    expect(stream.requests.length).toBeLessThanOrEqual(8)
  })
})

describe('a probe', () => {
  it('is sent at its own rate, with padding where there is no media', () => {
    const sender = new Sender()
    sender.stream()
    sender.setTarget(500_000)
    expect(sender.pacer.startProbe({ clusterId: 7, targetBps: 4_000_000, bytes: 7500, packets: 5 }, 0)).toBe(true)
    sender.run(100)
    const probe = sender.sent.filter(({ clusterId }) => clusterId === 7)
    const bytes = probe.reduce((sum, packet) => sum + packet.bytes, 0)
    expect(bytes).toBeGreaterThanOrEqual(7500)
    expect(bytes).toBeLessThan(7500 + 1200)
    const spanMs = (probe.at(-1)?.atMs ?? 0) - (probe[0]?.atMs ?? 0)
    expect(spanMs).toBeGreaterThan(8)
    expect(spanMs).toBeLessThanOrEqual(16)
    expect(sender.pacer.tick(sender.nowMs)).toBe(Number.POSITIVE_INFINITY)
  })

  it('takes media before padding, and only until it is done', () => {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(400_000)
    stream.frame(10, true)
    sender.pacer.startProbe({ clusterId: 9, targetBps: 4_000_000, bytes: 5000, packets: 5 }, 0)
    sender.run(5)
    stream.frame(1)
    sender.run(300)
    expect(sender.sent.filter(({ what }) => what === 'padding').length).toBe(0)
    expect(sender.sent.filter(({ clusterId }) => clusterId === 9).length).toBe(5)
    expect(video(sender).length).toBe(11)
  })

  it('is given up where padding cannot be sent', () => {
    const sender = new Sender()
    sender.padding = false
    sender.setTarget(400_000)
    sender.pacer.startProbe({ clusterId: 9, targetBps: 4_000_000, bytes: 5000, packets: 5 }, 0)
    sender.run(100)
    expect(sender.ticks).toBeLessThan(5)
    expect(sender.pacer.startProbe({ clusterId: 10, targetBps: 1_000_000, bytes: 1, packets: 1 }, 100)).toBe(true)
  })

  it('is not sent where nothing is limited', () => {
    const sender = new Sender()
    expect(sender.pacer.startProbe({ clusterId: 1, targetBps: 1_000_000, bytes: 1, packets: 1 }, 0)).toBe(false)
  })
})

test('whatever comes, what waits is bounded, nothing is sent twice, and order stays', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 120 }),
    packets: fc.integer({ min: 0, max: 60 }),
    keyframe: fc.boolean(),
    stream: fc.integer({ min: 0, max: 1 }),
    targetBps: fc.option(fc.integer({ min: 0, max: 5_000_000 }), { nil: undefined }),
    lifted: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sender = new Sender({ maxQueueBytes: 50 * SIZE })
      const streams = [sender.stream(), sender.stream()]
      sender.setTarget(300_000)
      for (const { waitMs, packets, keyframe, stream, targetBps, lifted } of steps) {
        if (targetBps !== undefined) sender.setTarget(targetBps)
        if (lifted === 0) sender.setTarget(Number.POSITIVE_INFINITY)
        streams[stream]?.frame(packets, keyframe)
        expect(sender.pacer.queuedBytes).toBeLessThanOrEqual(50 * SIZE)
        sender.run(waitMs)
        // At most one more step of the pacer may be due.
        const slowestStepMs = (2 * SIZE) / 1.25
        expect(sender.pacer.queueAgeMs(sender.nowMs)).toBeLessThanOrEqual(500 + slowestStepMs)
      }
      const { queued, dropped } = sender.pacer.stats
      expect(dropped).toBeGreaterThanOrEqual(0)
      expect(queued).toBeLessThanOrEqual(streams.reduce((sum, { next }) => sum + next, 0))
      expect(sender.sent.length).toBeLessThanOrEqual(streams.reduce((sum, { next }) => sum + next, 0))
    }),
  )
})

describe.each([
  ['no estimate', Number.POSITIVE_INFINITY],
  ['an estimate', 100_000_000],
])('a transport that takes nothing, with %s', (_, target) => {
  function backlogged() {
    const sender = new Sender()
    const stream = sender.stream()
    sender.setTarget(target)
    sender.run(1)
    stream.frame(2, true)
    expect(video(sender)).toEqual([0, 1])
    sender.backlogged = true
    return { sender, stream }
  }

  it('is sent no video, and all of it in order once it takes some', () => {
    const { sender, stream } = backlogged()
    stream.frame(3)
    sender.run(100)
    stream.again(0)
    stream.frame(2)
    expect(sender.sent).toHaveLength(2)
    sender.backlogged = false
    // Not before those that wait.
    stream.frame(1)
    sender.run(20)
    expect(video(sender)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(sender.sent.filter(({ what }) => what === 'again').map(({ extSeq }) => extSeq)).toEqual([0])
    stream.frame(2)
    expect(video(sender)).toHaveLength(10)
    expect(sender.pacer.unlimited).toBe(target === Number.POSITIVE_INFINITY)
  })

  it('has its video dropped up to the next keyframe after half a second, which is asked for when it can be sent', () => {
    const { sender, stream } = backlogged()
    const fromMs = sender.nowMs
    for (let i = 0; i < 100; i++) {
      stream.frame(1)
      sender.run(20)
    }
    expect(stream.skips).toHaveLength(1)
    expect(stream.skips[0]).toBeLessThanOrEqual(fromMs + DEFAULT_PACER_CONFIG.maxQueueMs + 20)
    expect(stream.requests).toEqual([])
    expect(sender.pacer.stats.dropped).toBe(100)
    expect(sender.pacer.queuedBytes).toBe(0)
    // It is looked at every ten milliseconds, not more often.
    expect(sender.ticks).toBeLessThan(220)
    sender.backlogged = false
    sender.run(20)
    expect(stream.requests).toHaveLength(1)
    stream.frame(2, true)
    sender.run(20)
    expect(video(sender)).toEqual([0, 1, 102, 103])
  })
})
