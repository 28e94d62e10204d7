/** A preference may hold for one of a viewer's m-lines only; and statistics say what there is to choose from. */
import { expect, test } from 'vitest'
import { type EgressSection, ViewerEgress } from '../../src/media/egress/viewer-egress.js'
import { payloadCodec, VIEWER_EXTENSIONS, VP8 } from './support/sections.js'
import { SimulcastSource } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'
import { drive, TestOutput } from './support/test-output.js'

const section = (mid: string, ssrc: number): EgressSection => ({
  mid,
  kind: 'video',
  codecs: [payloadCodec(120, VP8, ['nack pli'])],
  extensions: VIEWER_EXTENSIONS,
  ssrc,
})

function setUp() {
  const stage = new Stage()
  const sources = ['a', 'b'].map((name) => ({ name, source: new SimulcastSource(stage.clock, stage.config) }))
  const egress = new ViewerEgress({
    id: 'viewer',
    sections: [section('0', 0x4000), section('1', 0x4001)],
    cname: 'server',
    output: new TestOutput(() => {}),
    config: stage.config,
    initialSeq: () => 1,
    initialTimestamp: () => 1,
  })
  drive(stage.clock, egress)
  for (const { name, source } of sources) {
    const layers = source.layers.map(({ layer }) => layer)
    const tracks = [{ id: 'v', kind: 'video' as const, extensions: [], layers }]
    egress.setSource(name, { id: name, tracks }, stage.nowMs)
    source.start()
  }
  egress.start(stage.nowMs)
  const taken = () =>
    sources.map(({ source }) => source.layers.find(({ layer }) => layer.sinkCount > 0)?.encoding.rid).join('')
  const after = (settings: Parameters<typeof egress.configure>[0]) => {
    egress.configure(settings, stage.nowMs)
    stage.run(3000)
    return taken()
  }
  stage.run(3000)
  return { stage, egress, taken, after }
}

test('the preference of a section holds within the one for all, until it is taken back', () => {
  const { taken, after } = setUp()
  expect(taken()).toBe('hh')
  expect(after({ section: { mid: '1', layer: { maxRid: 'l' } } })).toBe('hl')
  expect(after({ layer: { maxRid: 'm' } })).toBe('ml')
  expect(after({ section: { mid: '0', layer: { maxRid: 'h', maxHeight: 720 } } })).toBe('ml')
  expect(after({ section: { mid: '1', layer: null } })).toBe('mm')
  expect(after({ section: { mid: '0', layer: { maxHeight: 180 } } })).toBe('lm')
  expect(after({ layer: null })).toBe('lh')
})

test('the preference of a section that is not there is none', () => {
  const { after } = setUp()
  expect(after({ section: { mid: 'x', layer: { maxRid: 'l' } } })).toBe('hh')
})

test('statistics say which layers there are, with their sizes and rates', () => {
  const { stage, egress } = setUp()
  const layersOf = (at: number) => egress.stats(stage.nowMs).tracks[at]?.layers ?? []
  expect(layersOf(0).map(({ rid, live, width, height }) => ({ rid, live, width, height }))).toEqual([
    { rid: 'l', live: true, width: 320, height: 180 },
    { rid: 'm', live: true, width: 640, height: 360 },
    { rid: 'h', live: true, width: 1280, height: 720 },
  ])
  const rates = layersOf(1).map(({ bitrateBps }) => bitrateBps ?? 0)
  expect(rates[0]).toBeGreaterThan(100_000)
  expect(rates[1]).toBeGreaterThan(2 * (rates[0] as number))
  expect(rates[2]).toBeGreaterThan(2 * (rates[1] as number))
  egress.setSource('b', undefined, stage.nowMs)
  expect(layersOf(1)).toEqual([])
})
