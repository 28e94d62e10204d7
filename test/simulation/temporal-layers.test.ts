import { expect, test } from 'vitest'
import { LayerIds } from '../../src/media/codecs/layer-ids.js'
import { LayerThinning } from '../../src/media/egress/layer-thinning.js'
import { ForwardedLayer } from '../../src/media/forwarded-layer.js'
import { ALL_LAYERS } from '../../src/media/layers/layer-limits.js'
import type { LayerSink, StoredPacket } from '../../src/media/types.js'
import { RtpHeader } from '../../src/rtp/rtp-header.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { SyntheticVideo } from '../../src/testing/synthetic-video.js'
import { type LinkConditions, VirtualLink } from '../../src/testing/virtual-network.js'
import { VP8 } from './support/sections.js'
import { Stage } from './support/stage.js'

const FRAME_MS = 1000 / 30
const FRAME_PACKETS = 3

/** A kind of frame in a repeating pattern: its layer, whether receivers may switch to it, and how many frames back what it needs lies. */
interface PatternFrame {
  readonly temporalId: number
  readonly switching: boolean
  readonly needs: readonly number[]
}

/** VP8: a sync frame depends on the base frame alone; layer 1 depends on itself in the second half. */
const VP8_PATTERN: readonly PatternFrame[] = [
  { temporalId: 0, switching: false, needs: [4] },
  { temporalId: 2, switching: true, needs: [1] },
  { temporalId: 1, switching: true, needs: [2] },
  { temporalId: 2, switching: false, needs: [1, 2] },
  { temporalId: 0, switching: false, needs: [4] },
  { temporalId: 2, switching: true, needs: [1] },
  { temporalId: 1, switching: false, needs: [2, 4] },
  { temporalId: 2, switching: false, needs: [1, 2] },
]

/** VP9: behind a switching point nothing of a higher layer from before it is needed. */
const VP9_PATTERN: readonly PatternFrame[] = [
  { temporalId: 0, switching: true, needs: [4] },
  { temporalId: 2, switching: true, needs: [1] },
  { temporalId: 1, switching: true, needs: [2] },
  { temporalId: 2, switching: false, needs: [1] },
  { temporalId: 0, switching: false, needs: [4] },
  { temporalId: 2, switching: false, needs: [1, 2] },
  { temporalId: 1, switching: false, needs: [2, 4] },
  { temporalId: 2, switching: false, needs: [1] },
]

interface SentFrame {
  readonly temporalId: number
  readonly needs: readonly number[]
}

interface OutPacket {
  readonly extSeq: number
  readonly source: number
  readonly frame: number
  readonly pictureId: number
}

/** A publisher with temporal layers, a lossy way to us, and what a viewer gets of it. */
class Scene implements LayerSink {
  readonly stage = new Stage()
  readonly layer: ForwardedLayer
  readonly uplink: VirtualLink
  readonly frames: SentFrame[] = []
  readonly out: OutPacket[] = []
  readonly thinning = new LayerThinning()
  readonly #video = new SyntheticVideo({
    ssrc: 1,
    payloadType: 96,
    timestamp: 0xffff_0000,
    pictureId: 32_700,
    framePackets: FRAME_PACKETS,
  })
  readonly #pattern: readonly PatternFrame[]
  readonly #source: 'vp8' | 'vp9'
  readonly #frameOf: number[] = []
  readonly #ids = new LayerIds()
  #begun = false

  constructor(source: 'vp8' | 'vp9', uplink: Partial<LinkConditions> = {}, seed = 1) {
    this.#source = source
    this.#pattern = source === 'vp8' ? VP8_PATTERN : VP9_PATTERN
    const wishes = { sendKeyframeRequest: () => {} }
    this.layer = new ForwardedLayer({
      rid: undefined,
      kind: 'video',
      extensions: [],
      config: this.stage.config,
      wishes,
    })
    this.layer.addSink(this)
    this.uplink = new VirtualLink(this.stage.clock, seed, (packet) => this.#arrive(packet), { delayMs: 20, ...uplink })
  }

  run(durationMs: number): void {
    for (const endMs = this.stage.nowMs + durationMs; this.stage.nowMs < endMs; this.stage.run(FRAME_MS)) this.#frame()
  }

  onPacket(packet: StoredPacket): void {
    const { thinning } = this
    const frame = this.#frameOf[packet.extSeq] as number
    if (!this.#begun) {
      if (!packet.keyframe) return
      this.#begun = true
      thinning.begin(packet)
    }
    const ids = this.#idsOf(frame)
    if (!thinning.admit(packet, ids)) return
    thinning.pass(packet)
    const pictureId = this.#source === 'vp8' ? thinning.pictureId(packet.extSeq, ids.pictureId) : ids.pictureId
    this.out.push({ extSeq: thinning.extSeq(packet.extSeq), source: packet.extSeq, frame, pictureId })
  }

  /** The frames that reached the viewer whole. */
  wholeFrames(): Set<number> {
    const count = new Map<number, number>()
    for (const { frame } of this.out) count.set(frame, (count.get(frame) ?? 0) + 1)
    return new Set(
      [...count].filter(([frame, packets]) => packets === (frame === 0 ? 8 : FRAME_PACKETS)).map(([frame]) => frame),
    )
  }

  /** Frames that were forwarded although something they need had been left out on purpose. */
  undecodable(): number[] {
    const forwarded = new Set(this.out.map(({ frame }) => frame))
    const first = this.out[0]?.frame ?? 0
    const newest = Math.max(...forwarded)
    return [...forwarded].filter((frame) =>
      (this.frames[frame]?.needs ?? []).some((need) => need >= first && need <= newest && !forwarded.has(need)),
    )
  }

  #frame(): void {
    const index = this.frames.length
    const kind = index === 0 ? { temporalId: 0, switching: false, needs: [] } : this.#kind(index)
    this.frames.push({ temporalId: kind.temporalId, needs: kind.needs.map((back) => index - back) })
    this.#video.frame(FRAME_MS, (packet) => {
      const extSeq = 0x1_0000 + packet.readUInt16BE(2)
      this.#frameOf[extSeq] = index
      this.uplink.send(packet)
    })
  }

  #kind(index: number): PatternFrame {
    return this.#pattern[index % 8] as PatternFrame
  }

  #arrive(packet: Buffer): void {
    const header = new RtpHeader()
    header.parse(packet, 0, packet.length)
    this.layer.accept(packet, 0, packet.length, 0x1_0000 + header.seq, VP8, this.stage.nowMs)
  }

  #idsOf(frame: number): LayerIds {
    const { temporalId } = this.frames[frame] as SentFrame
    const { switching } = this.#kind(frame)
    const vp8 = this.#source === 'vp8'
    return Object.assign(this.#ids, {
      source: this.#source,
      temporalId,
      layerSync: vp8 && switching,
      switchingUp: !vp8 && switching,
      interPredicted: frame !== 0,
      pictureId: (32_700 + frame) & 0x7fff,
    })
  }
}

test.each(['vp8', 'vp9'] as const)(
  '%s: frames left out leave no gap in the numbers, and the rest can be decoded',
  (source) => {
    const scene = new Scene(source)
    for (const temporalId of [2, 1, 0, 2, 0, 1, ALL_LAYERS, 0]) {
      scene.thinning.filter.setLimits(ALL_LAYERS, temporalId)
      scene.run(1000)
    }
    scene.stage.run(100)
    const { out, thinning } = scene
    expect(out.map(({ extSeq }) => extSeq)).toEqual(out.map((_, i) => (out[0]?.extSeq ?? 0) + i))
    expect(scene.undecodable()).toEqual([])
    expect(thinning.leftOut).toBeGreaterThan(250)
    expect(thinning.holes).toBe(0)
    // A second at the base layer alone has a quarter of the frames.
    const last = out.filter(({ frame }) => frame > 238)
    expect(new Set(last.map(({ frame }) => frame)).size).toBeLessThanOrEqual(8)
    for (const { extSeq, source: from } of out.slice(-500)) expect(thinning.sourceExtSeq(extSeq)).toBe(from)
  },
)

test('vp8: picture ids have no gap across their wrap; vp9: they keep their gaps, which references count on', () => {
  const idSteps = (source: 'vp8' | 'vp9'): Set<number> => {
    const scene = new Scene(source)
    scene.thinning.filter.setLimits(ALL_LAYERS, 0)
    scene.run(5000)
    const ids = scene.out.map(({ pictureId }) => pictureId).filter((id, i, all) => id !== all[i - 1])
    return new Set(ids.slice(1).map((id, i) => (id - (ids[i] as number) + 0x8000) % 0x8000))
  }
  expect([...idSteps('vp8')]).toEqual([1])
  expect([...idSteps('vp9')]).toEqual([4])
})

test.each([1, 2, 3, 4, 5])('with loss and reordering on the way in, numbers stay consistent, seed %i', (seed) => {
  const scene = new Scene('vp8', { lossRate: 0.05, jitterMs: 60 }, seed)
  // The start is not what this is about.
  scene.uplink.drop = () => false
  scene.uplink.conditions.lossRate = 0
  scene.run(100)
  scene.stage.run(100)
  scene.uplink.conditions.lossRate = 0.05
  const random = new SeededRandom(seed)
  for (let i = 0; i < 30; i++) {
    scene.thinning.filter.setLimits(ALL_LAYERS, random.integer(0, 2))
    scene.run(random.integer(100, 1500))
  }
  scene.stage.run(200)
  const { out, thinning } = scene
  const numbers = out.map(({ extSeq }) => extSeq)
  expect(new Set(numbers).size).toBe(numbers.length)
  // Order is the source's order.
  const bySource = [...out].sort((a, b) => a.source - b.source).map(({ extSeq }) => extSeq)
  expect(bySource).toEqual([...numbers].sort((a, b) => a - b))
  for (const { extSeq, source, frame, pictureId } of out.slice(-300)) {
    expect(thinning.sourceExtSeq(extSeq)).toBe(source)
    expect(thinning.pictureId(source, (32_700 + frame) & 0x7fff)).toBe(pictureId)
  }
  expect(scene.wholeFrames().size).toBeGreaterThan(100)
})

test('what is missing in the end is little more than what was lost', () => {
  const scene = new Scene('vp8', { lossRate: 0.05 }, 9)
  scene.thinning.filter.setLimits(ALL_LAYERS, 0)
  scene.uplink.conditions.lossRate = 0
  scene.run(100)
  scene.uplink.conditions.lossRate = 0.05
  scene.run(30_000)
  const { out } = scene
  const numbers = out.map(({ extSeq }) => extSeq)
  const span = Math.max(...numbers) - Math.min(...numbers) + 1
  // Of the frames that are left out, what is lost at their edges cannot be told from frames that are not.
  expect(span - numbers.length).toBeLessThan(0.2 * span)
  expect(span).toBeLessThan(0.4 * scene.uplink.stats.sent)
})
