import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricFamily } from '../../../src/metrics/metric-family.js'
import { writeText } from '../../../src/metrics/write-text.js'
import { Histogram } from '../../../src/util/histogram.js'
import { readExposition } from '../../support/open-metrics.js'

const FORMATS = ['prometheus', 'openmetrics'] as const

function gauge(label: string, value: number): MetricFamily {
  return {
    name: 'a_gauge',
    type: 'gauge',
    help: 'It says "so"\\.',
    labels: ['of'],
    samples: [{ labels: { of: label }, value }],
  }
}

describe.each(FORMATS)('writeText, %s', (format) => {
  it('keeps every label value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), (label, value) => {
        fc.pre(!label.includes('\r') && value > Number.NEGATIVE_INFINITY)
        const family = readExposition(writeText([gauge(label, value)], format), format).get('a_gauge')
        expect(family?.samples).toEqual([{ name: 'a_gauge', labels: { of: label }, value: value === 0 ? 0 : value }])
      }),
    )
  })

  it('keeps what separates labels and lines', () => {
    for (const label of ['"', '\\', '\n', '\\n', '",of="x', '} 1', '\\"', '=,{}#']) {
      const family = readExposition(writeText([gauge(label, 1)], format), format).get('a_gauge')
      expect(family?.samples[0]?.labels.of).toBe(label)
    }
  })

  it('keeps the text of help', () => {
    const text = writeText([{ ...gauge('', 0), help: 'one\ntwo \\ three "four"' }], format)
    expect(readExposition(text, format).get('a_gauge')?.help).toBe('one\ntwo \\ three "four"')
  })
})

describe('writeText', () => {
  const histogram = new Histogram([0.5, 1])
  for (const value of [0.5, 0.7, 3]) histogram.observe(value)
  const families: readonly MetricFamily[] = [
    { name: 'a_bytes_total', type: 'counter', help: 'Bytes.', labels: [], samples: [{ labels: {}, value: 3 }] },
    {
      name: 'b_seconds',
      type: 'histogram',
      help: 'Times.',
      labels: ['of'],
      samples: [{ labels: { of: 'x' }, histogram: histogram.snapshot() }],
    },
  ]

  it('writes the format of Prometheus', () => {
    expect(writeText(families, 'prometheus').split('\n')).toEqual([
      '# HELP a_bytes_total Bytes.',
      '# TYPE a_bytes_total counter',
      'a_bytes_total 3',
      '# HELP b_seconds Times.',
      '# TYPE b_seconds histogram',
      'b_seconds_bucket{of="x",le="0.5"} 1',
      'b_seconds_bucket{of="x",le="1"} 2',
      'b_seconds_bucket{of="x",le="+Inf"} 3',
      'b_seconds_sum{of="x"} 4.2',
      'b_seconds_count{of="x"} 3',
      '',
    ])
  })

  it('writes OpenMetrics', () => {
    expect(writeText(families, 'openmetrics').split('\n')).toEqual([
      '# HELP a_bytes Bytes.',
      '# TYPE a_bytes counter',
      '# UNIT a_bytes bytes',
      'a_bytes_total 3',
      '# HELP b_seconds Times.',
      '# TYPE b_seconds histogram',
      '# UNIT b_seconds seconds',
      'b_seconds_bucket{of="x",le="0.5"} 1',
      'b_seconds_bucket{of="x",le="1.0"} 2',
      'b_seconds_bucket{of="x",le="+Inf"} 3',
      'b_seconds_sum{of="x"} 4.2',
      'b_seconds_count{of="x"} 3',
      '# EOF',
      '',
    ])
  })
})

describe('the reader', () => {
  it.each([
    ['no end', '# HELP a A.\n# TYPE a gauge\na 1\n'],
    ['a counter without _total', '# HELP a A.\n# TYPE a counter\na 1\n# EOF\n'],
    ['a sample twice', '# HELP a A.\n# TYPE a gauge\na 1\na 1\n# EOF\n'],
    ['a family in two places', '# HELP a A.\n# TYPE a gauge\n# HELP b B.\n# TYPE b gauge\n# HELP a A.\n# EOF\n'],
    ['a label that is not quoted', '# HELP a A.\n# TYPE a gauge\na{b=c} 1\n# EOF\n'],
    ['a quote that is not escaped', '# HELP a A.\n# TYPE a gauge\na{b="c"d"} 1\n# EOF\n'],
    ['a unit that is not in the name', '# HELP a A.\n# TYPE a gauge\n# UNIT a bytes\na 1\n# EOF\n'],
    [
      'a histogram that falls',
      '# HELP a A.\n# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n# EOF\n',
    ],
    ['an empty line', '# HELP a A.\n# TYPE a gauge\n\na 1\n# EOF\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => readExposition(text, 'openmetrics')).toThrow()
  })
})
