import { describe, expect, it } from 'vitest'
import { inTheory, savings } from '../../../../src/cli/pages/savings.js'
import { fanPicture, savingsBars, streamsText } from '../../../../src/cli/pages/savings-picture.js'
import { find, textOf } from './drawing.js'

describe('what an SFU saves', () => {
  it.each([1, 2, 10, 100])('is as computed for %d viewers of one stream', (viewers) => {
    const bytes = 1000
    const theory = inTheory(1, viewers)
    const saved = savings({ rtpBytesIn: bytes, rtpBytesOut: viewers * bytes })
    expect(saved?.sfu).toEqual({ upload: theory.sfu.upload * bytes, total: theory.sfu.total * bytes })
    expect(saved?.mesh).toEqual({ upload: theory.mesh.upload * bytes, total: theory.mesh.total * bytes })
  })

  it('is 11 streams in place of 20 for ten viewers, and one upload in place of ten', () => {
    expect(inTheory(1, 10)).toEqual({ sfu: { upload: 1, total: 11 }, mesh: { upload: 10, total: 20 } })
    const saved = savings({ rtpBytesIn: 1, rtpBytesOut: 10 })
    expect(saved?.uploadFactor).toBe(10)
    expect(saved?.totalFactor).toBeCloseTo(20 / 11)
  })

  it('counts every publisher of a conference', () => {
    // Three who publish, and four who watch all of them.
    expect(inTheory(3, 12)).toEqual({ sfu: { upload: 3, total: 15 }, mesh: { upload: 12, total: 24 } })
  })

  it('may be nothing, and is unknown before somebody watches', () => {
    expect(savings({ rtpBytesIn: 300, rtpBytesOut: 100 })?.uploadFactor).toBeCloseTo(1 / 3)
    expect(savings({ rtpBytesIn: 300, rtpBytesOut: 0 })).toBeUndefined()
    expect(savings({ rtpBytesIn: 0, rtpBytesOut: 0 })).toBeUndefined()
  })
})

describe('the picture of who sends to whom', () => {
  it('has one upload with the SFU, and one per viewer in a mesh', () => {
    const sfu = fanPicture(7, false)
    expect(find(sfu, 'line', 'upload')).toHaveLength(1)
    expect(find(sfu, 'line', 'download')).toHaveLength(7)
    const mesh = fanPicture(7, true)
    expect(find(mesh, 'line', 'upload')).toHaveLength(7)
    expect(find(mesh, 'line', 'download')).toHaveLength(0)
    expect([streamsText(1), streamsText(7)]).toEqual(['1 stream', '7 streams'])
  })

  it('stays readable for a crowd, and for nobody', () => {
    const crowd = fanPicture(1000, true)
    expect(find(crowd, 'circle', 'viewer')).toHaveLength(10)
    expect(find(crowd, 'text').map(textOf)).toEqual(['+990'])
    expect(JSON.stringify(fanPicture(0, false))).not.toMatch(/NaN|null/)
  })
})

describe('the bars', () => {
  const saved = savings({ rtpBytesIn: 1e6, rtpBytesOut: 1e7 })
  if (saved === undefined) throw new Error('nothing is saved')

  it.each([260, 390, 700])('are as long as what they stand for, at %d pixels', (width) => {
    const drawing = savingsBars(saved, width)
    const lengths = find(drawing, 'rect').map(({ attributes }) => Number(attributes.width) / width)
    expect(lengths[0]).toBeCloseTo(1 / 20, 2)
    expect(lengths[1]).toBeCloseTo(10 / 20, 2)
    expect(lengths[2]).toBeCloseTo(11 / 20, 2)
    expect(lengths[3]).toBe(1)
  })

  it.each([260, 390, 700])('have their figures within the drawing, at %d pixels', (width) => {
    for (const text of find(savingsBars(saved, width), 'text')) {
      expect(Number(text.attributes.x) + textOf(text).length * 7).toBeLessThanOrEqual(width)
    }
  })

  it('say what is measured and what is computed', () => {
    const texts = find(savingsBars(saved, 700), 'text').map(textOf)
    expect(texts).toContain('1 MB measured')
    expect(texts).toContain('10 MB in a mesh, computed')
    expect(texts).toContain('11 MB measured')
    expect(texts).toContain('20 MB in a mesh, computed')
  })
})
