/** Which simulcast layer is the better one: by its picture, whatever order the publisher has named them in, and not anew every moment. */
import { describe, expect, it, test } from 'vitest'
import type { EgressSection } from '../../src/media/egress/viewer-egress.js'
import { payloadCodec, TRANSPORT_WIDE_URI, VIEWER_EXTENSIONS, VP8 } from './support/sections.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { type SimulatedLayer, SimulcastSource, THREE_ENCODINGS } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'

/** A publisher of the layers in that order, and viewers of it. */
class Broadcast {
  readonly stage = new Stage()
  readonly source: SimulcastSource

  constructor(named: string) {
    const encodings = [...named].map((name) => THREE_ENCODINGS.find(({ rid }) => rid === name))
    this.source = new SimulcastSource(
      this.stage.clock,
      this.stage.config,
      encodings.flatMap((encoding) => encoding ?? []),
    )
  }

  join(sections?: readonly EgressSection[]): SimulatedViewer {
    const viewer = this.stage.viewer(sections && { sections })
    const layers = this.source.layers.map(({ layer }) => layer)
    const tracks = [{ id: 'v', kind: 'video' as const, extensions: [], layers }]
    viewer.egress.setSource('main', { id: 'publisher', tracks }, this.stage.nowMs)
    viewer.egress.start(this.stage.nowMs)
    return viewer
  }

  layer(rid: string): SimulatedLayer {
    const found = this.source.layers.find(({ encoding }) => encoding.rid === rid)
    if (found === undefined) throw new Error(`no layer ${rid}`)
    return found
  }

  /** The encoder changes its picture. */
  resize(rid: string, height: number): void {
    const { video } = this.layer(rid)
    video.width = (height * 16) / 9
    video.height = height
    video.keyframeWanted = true
  }

  /** The layers that are taken by anybody. */
  get taken(): string {
    const taken = this.source.layers.filter(({ layer }) => layer.sinkCount > 0)
    return taken.map(({ encoding }) => encoding.rid).join('')
  }

  /** Which layers were taken in that time, each time that they changed. */
  run(durationMs: number): string[] {
    const seen: string[] = []
    for (const endMs = this.stage.nowMs + durationMs; this.stage.nowMs < endMs; this.stage.run(10)) {
      if (this.taken !== seen.at(-1)) seen.push(this.taken)
    }
    return seen
  }
}

describe.each(['lmh', 'hml', 'mhl'])('layers named %s', (named) => {
  it('are taken by their pictures', () => {
    const broadcast = new Broadcast(named)
    const viewer = broadcast.join()
    broadcast.source.start()
    broadcast.run(3000)
    expect(broadcast.taken).toBe('h')
    for (const [maxHeight, rid] of [
      [360, 'm'],
      [100, 'l'],
      [719, 'm'],
      [720, 'h'],
    ] as const) {
      viewer.egress.configure({ layer: { maxHeight } }, broadcast.stage.nowMs)
      broadcast.run(3000)
      expect(broadcast.taken).toBe(rid)
    }
    viewer.egress.configure({ layer: { maxRid: 'm' } }, broadcast.stage.nowMs)
    broadcast.run(3000)
    expect(broadcast.taken).toBe('m')
    expect(viewer.video.gaps()).toBe(0)
  })

  it('are begun with the least that is there, while the bandwidth is not known', () => {
    const broadcast = new Broadcast(named)
    broadcast.layer('h').enabled = false
    broadcast.source.start()
    broadcast.run(3000)
    const extensions = [...VIEWER_EXTENSIONS, { id: 5, uri: TRANSPORT_WIDE_URI }]
    const codecs = [payloadCodec(120, VP8, ['nack pli', 'transport-cc'])]
    broadcast.join([{ mid: 'v', kind: 'video', codecs, extensions, ssrc: 0x4000 }])
    expect(broadcast.run(1000)).toEqual(['l'])
  })

  it('are not changed while the encoder changes one picture after the other', () => {
    const broadcast = new Broadcast(named)
    const viewer = broadcast.join()
    viewer.egress.configure({ layer: { maxBitrateBps: 1_000_000 } }, 0)
    broadcast.source.start()
    broadcast.run(5000)
    for (const scale of [4, 1, 4, 1]) {
      for (const [rid, height] of [
        ['h', 720],
        ['m', 360],
        ['l', 180],
      ] as const) {
        broadcast.resize(rid, height / scale)
        expect(broadcast.run(900)).toEqual(['m'])
      }
    }
    expect(broadcast.run(10_000)).toEqual(['m'])
    expect(viewer.video.gaps()).toBe(0)
  })

  it('are not changed by layers that fall silent for a while and come back', () => {
    const broadcast = new Broadcast(named)
    const viewer = broadcast.join()
    viewer.egress.configure({ layer: { maxHeight: 360 } }, 0)
    broadcast.source.start()
    broadcast.run(5000)
    for (const silent of ['h', 'l', 'hl']) {
      for (const rid of silent) broadcast.layer(rid).enabled = false
      expect(broadcast.run(4000)).toEqual(['m'])
      for (const rid of silent) broadcast.layer(rid).enabled = true
      expect(broadcast.run(4000)).toEqual(['m'])
    }
  })
})

test('where the pictures are exchanged for good, viewers follow once', () => {
  const broadcast = new Broadcast('lmh')
  const viewer = broadcast.join()
  broadcast.source.start()
  broadcast.run(5000)
  expect(broadcast.taken).toBe('h')
  broadcast.resize('h', 180)
  broadcast.resize('l', 720)
  const seen = broadcast.run(20_000)
  expect(seen[0]).toBe('h')
  expect(seen.at(-1)).toBe('l')
  // In between, the new one's keyframe is awaited.
  expect(seen.filter((taken) => taken.length === 1)).toEqual(['h', 'l'])
  expect(viewer.video.gaps()).toBe(0)
})
