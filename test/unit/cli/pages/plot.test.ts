import { describe, expect, it } from 'vitest'
import { plot, timeAt, valueAt } from '../../../../src/cli/pages/plot.js'
import { type Drawing, find, pointsOf, textOf } from './drawing.js'

type Points = [atMs: number, value: number | null][]

const SIZE = { width: 400, height: 180, toMs: 100_000, windowMs: 60_000, intervalMs: 2000 }
/** The edges of what is drawn. */
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 390, 10, 158]

function draw(series: { kind: string; points: Points; name?: string; style?: number }[], more: object = {}): Drawing {
  const named = series.map((one, i) => ({ name: `series ${i}`, style: i, ...one }))
  const format = (value: number) => `${value} u`
  return plot({
    id: 'p',
    title: 'A plot',
    series: named,
    format,
    axis: { minTop: 4 },
    cursorMs: undefined,
    ...SIZE,
    ...more,
  })
}

const every2s = (...values: (number | null)[]): Points =>
  values.map((value, i) => [SIZE.toMs - 2000 * (values.length - 1 - i), value])

it('draws a line from the axis to now, by the value', () => {
  const drawing = draw(
    [
      {
        kind: 'line',
        points: [
          [40_000, 0],
          [70_000, 2],
          [100_000, 4],
        ],
      },
    ],
    { intervalMs: 30_000 },
  )
  expect(pointsOf(find(drawing, 'path', 'stroke')[0])).toEqual([
    [LEFT, BOTTOM],
    [(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2],
    [RIGHT, TOP],
  ])
})

it('leaves what is older than the window out', () => {
  const drawing = draw([
    {
      kind: 'line',
      points: [
        [10_000, 4],
        [50_000, 1],
        [52_000, 1],
      ],
    },
  ])
  expect(pointsOf(find(drawing, 'path', 'stroke')[0])).toHaveLength(2)
})

it('leaves a hole where samples are missing, and draws over a single one', () => {
  const points = every2s(1, 1, null, 1, null, null, null, null, 1, 1)
  const path = find(draw([{ kind: 'line', points }]), 'path', 'stroke')[0]
  expect(String(path?.attributes.d).match(/M/g)).toHaveLength(2)
  expect(pointsOf(path)).toHaveLength(5)
})

it('fills an area down to the base', () => {
  const drawing = draw([{ kind: 'area', points: every2s(4, 4) }])
  const fill = pointsOf(find(drawing, 'path', 'fill')[0])
  expect(fill[0]?.[1]).toBe(BOTTOM)
  expect(fill.at(-1)?.[1]).toBe(BOTTOM)
  expect(String(find(drawing, 'path', 'fill')[0]?.attributes.d)).toMatch(/Z$/)
  expect(find(draw([{ kind: 'line', points: every2s(4, 4) }]), 'path', 'fill')).toEqual([])
})

it('lays stacked areas on top of each other, the last one drawn first', () => {
  const stack = [1, 2, 1].map((value) => ({ kind: 'stack', points: every2s(value, value) }))
  const drawing = draw(stack)
  const groups = find(drawing, 'g', 'stack')
  expect(groups.map(({ attributes }) => attributes.class)).toEqual(['stack s2', 'stack s1', 'stack s0'])
  const heights = groups.map((group) => pointsOf(find(group, 'path', 'stroke')[0])[0]?.[1])
  const unit = (BOTTOM - TOP) / 4
  expect(heights).toEqual([BOTTOM - 4 * unit, BOTTOM - 3 * unit, BOTTOM - unit])
})

it('keeps what is too high for its axis at the edge', () => {
  const drawing = draw([{ kind: 'line', points: every2s(2, 9) }], { axis: { minTop: 4, maxTop: 4 } })
  expect(pointsOf(find(drawing, 'path', 'stroke')[0]).map(([, y]) => y)).toEqual([(TOP + BOTTOM) / 2, TOP])
})

it('has a bar for every value but zero', () => {
  const path = find(draw([{ kind: 'bars', points: every2s(0, 3, 0, 1) }]), 'path', 'bars')[0]
  expect(String(path?.attributes.d).match(/M/g)).toHaveLength(2)
})

it('says in words what it shows, and names them to assistive technology', () => {
  const drawing = draw([
    { kind: 'line', name: 'In', points: every2s(1, 3, 2) },
    { kind: 'line', name: 'Out', points: every2s(null) },
  ])
  const [title, desc] = [find(drawing, 'title')[0], find(drawing, 'desc')[0]]
  expect(drawing.attributes.role).toBe('img')
  expect(drawing.attributes['aria-labelledby']).toBe(`${title?.attributes.id} ${desc?.attributes.id}`)
  expect(title && textOf(title)).toBe('A plot')
  expect(desc && textOf(desc)).toBe('The last 1 minutes. In: 2 u now, 3 u at most. Out: no data.')
})

it('marks values and times', () => {
  const texts = find(draw([{ kind: 'line', points: every2s(3) }]), 'text').map(textOf)
  expect(texts).toEqual(['0 u', '2 u', '4 u', 'now', '−1 min'])
})

it('draws nothing that is no number, whatever comes', () => {
  for (const points of [[], every2s(null), every2s(0), every2s(1e15, 0)]) {
    for (const kind of ['line', 'area', 'dash', 'bars', 'stack']) {
      expect(JSON.stringify(draw([{ kind, points }]))).not.toMatch(/NaN|Infinity|undefined/)
    }
  }
})

describe('the pointer', () => {
  it('stands for a time', () => {
    expect(timeAt(LEFT, SIZE)).toBe(40_000)
    expect(timeAt(RIGHT, SIZE)).toBe(100_000)
    expect(timeAt(LEFT - 1, SIZE)).toBeUndefined()
    expect(timeAt(RIGHT + 1, SIZE)).toBeUndefined()
  })

  it('shows the value of that time, or none where none is near', () => {
    const points = every2s(1, 2, null)
    expect(valueAt(points, 98_500, 2000)).toBe(2)
    expect(valueAt(points, 100_000, 2000)).toBeUndefined()
    expect(valueAt(points, 104_000, 2000)).toBeUndefined()
    expect(valueAt(points, 40_000, 2000)).toBeUndefined()
  })

  it('is a line in the drawing', () => {
    const cursor = find(draw([{ kind: 'line', points: every2s(1) }], { cursorMs: 70_000 }), 'line', 'cursor')
    expect(cursor.map(({ attributes }) => attributes.x1)).toEqual([(LEFT + RIGHT) / 2])
  })
})
