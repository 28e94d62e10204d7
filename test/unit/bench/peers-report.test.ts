import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { medianFigures } from '../../bench/peers/figures.mjs'
import { readLimit } from '../../bench/peers/limit.mjs'
import { peersPlot } from '../../bench/peers/peers-plot.mjs'
import { peersReport } from '../../bench/peers/peers-report.mjs'
import { ResultsFile } from '../../bench/peers/results-file.mjs'

const TITLES = { native: 'ours, native', pion: 'Pion <Go>', sendmmsg: 'limit' }

type Kind = 'steady' | 'bursts' | 'saturation' | 'joins' | 'storm'

function result(kind: Kind, viewers: number, contestant: string, run: number, figures: Record<string, unknown>) {
  const known = contestant === 'sendmmsg' ? {} : { connected: viewers, lost: 0, delivered: 1, authFailures: 0 }
  return { task: { kind, viewers, pps: 250, contestant, run }, figures: { ...known, ...figures } }
}

const RESULTS = [
  ...[3, 9, 4].map((usPerPacket, i) =>
    result('steady', 100, 'native', i + 1, { usPerPacket, otherCpuPercent: 4 * i, srtpProfile: 'AEAD_AES_128_GCM' }),
  ),
  result('steady', 100, 'pion', 1, { usPerPacket: 10 }),
  result('steady', 100, 'sendmmsg', 1, { usPerPacket: 2.5 }),
  result('steady', 400, 'pion', 1, { usPerPacket: 9, lost: 7 }),
  result('joins', 300, 'native', 1, { joinsPerSecond: 600, joinCpuMs: 1.5 }),
  result('joins', 300, 'pion', 1, { joinsPerSecond: 400, joinCpuMs: 2.5 }),
]

test('the report has medians, ratios of medians, and a star at who did not keep up', () => {
  const report = peersReport(RESULTS, TITLES)
  expect(report).toContain('| viewers x packets/s | 100 x 250 | 400 x 250 |')
  expect(report).toContain('| ours, native (GCM) | 4.00 | - |')
  expect(report).toContain('| Pion <Go> | 10.00 | 9.00* |')
  expect(report).toContain('- ours, native / limit, CPU per packet: **1.60x** at 100')
  expect(report).toContain('- ours, native / Pion <Go>, CPU per packet: **0.40x** at 100')
  expect(report).toContain('joins per second: **1.50x** at 300')
  expect(report).toContain("Other programs took 4 % of the server's core in the median run, 8 % in the worst.")
})

test('the report says which path a server took', () => {
  const native = { srtp: true, dtls: true, udp: false, reason: 'no sendmmsg' }
  const steady = (figures: object) =>
    peersReport([result('steady', 20, 'native', 1, { usPerPacket: 5, ...figures })], TITLES)
  expect(steady({ native })).toContain('Native parts of manycast: srtp, dtls (no sendmmsg).')
  expect(steady({ native: { srtp: false, reason: 'koffi is missing' } })).toContain(
    'No part of manycast was native (koffi is missing).',
  )
})

test('medians are of the runs that have a figure', () => {
  expect(
    medianFigures([{ lost: 1 }, { lost: 4, latencyP50Ms: Number.NaN }, { lost: 2, latencyP50Ms: 3 }, { lost: 9 }]),
  ).toEqual({
    lost: 3,
    latencyP50Ms: 3,
    runs: 4,
  })
})

test('the plot has a line for each who was measured, titles escaped, and nothing without figures', () => {
  const svg = peersPlot(RESULTS, TITLES) as string
  expect(svg.match(/<path class="line c\d" d="M[^"]*L/g)).toHaveLength(1)
  expect(svg.match(/<circle/g)).toHaveLength(4)
  expect(svg).toContain('Pion &lt;Go&gt;')
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).not.toContain('NaN')
  expect(peersPlot([], TITLES)).toBeUndefined()
})

test('the line of a variant is read from the table of the limit', () => {
  const text = [
    '# OpenSSL 3, 100 destinations',
    'variant                   us/packet        min        max    packets/s received%',
    'gcm+sendmmsg-64               1.978      1.900      2.100        24998     100.0',
    'gcm+gso-8                     1.493      1.493      1.493        24997      99.5',
  ].join('\n')
  expect(readLimit(text, 'gcm+gso-8')).toEqual({ usPerPacket: 1.493, packetsPerSecond: 24_997, delivered: 0.995 })
  expect(readLimit(text, 'gcm+sendmmsg')).toBeUndefined()
})

test('results are kept, and those of another load refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'results-'))
  try {
    const path = join(folder, 'deep', 'results.json')
    const [first, second] = [RESULTS[0]!, RESULTS[3]!]
    const file = new ResultsFile(path, { cores: 2 }, { pps: 250 })
    expect(file.has(first.task)).toBe(false)
    file.add(first.task, first.figures)
    file.add(second.task, second.figures)
    const again = new ResultsFile(path, { cores: 64 }, { pps: 250 })
    expect(again.all()).toEqual([first, second])
    expect(again.has({ ...first.task, run: 2 })).toBe(false)
    expect(again.machine).toEqual({ cores: 2 })
    expect(() => new ResultsFile(path, {}, { pps: 500 })).toThrow('results of another load')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
