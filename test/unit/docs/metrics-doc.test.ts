import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { METRIC_TABLES } from '../../../src/metrics/metric-table.js'

const docs = (path: string) => new URL(`../../../docs/${path}`, import.meta.url)
const page = readFileSync(docs('metrics.md'), 'utf8')
const all = Object.values(METRIC_TABLES).flatMap((table) => Object.values(table))
const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** Every name of a metric in `text`, as samples have it. */
function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:manycast|process)_[a-z_]+\b/g) ?? [])]
}

/** The names that samples may have, and nothing else. */
const sampleNames = new Set(
  all.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`) : [name],
  ),
)

it('docs/metrics.md lists the metrics of the code, part by part', () => {
  const parts = page.split(/^### /m).slice(1)
  const read = parts.map((part) => {
    const rows = [...part.matchAll(/^\| `([a-z_]+)` \| (\w+) \| (.+?) \| (.+) \|$/gm)]
    return [
      part.slice(0, part.indexOf('\n')),
      rows.map(([, name, type, labels = '', help]) => ({
        name,
        type,
        labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
        help,
      })),
    ]
  })
  expect(Object.fromEntries(read)).toEqual(
    Object.fromEntries(
      Object.entries(METRIC_TABLES).map(([title, table]) => [
        title,
        Object.values(table).map(({ name, type, labels, help }) => ({ name, type, labels: [...labels], help })),
      ]),
    ),
  )
})

it('docs/metrics.md lists the channels that something is published on', () => {
  const sources = fileURLToPath(new URL('../../../src/', import.meta.url))
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const published = files.flatMap((path) =>
    [...readFileSync(join(sources, path), 'utf8').matchAll(/'(manycast:[a-z]+:[a-z-]+)'/g)].map(([, name]) => name),
  )
  const rows = page.split('\n').filter((line) => line.startsWith('| `manycast:'))
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(.+?)`/g)].map(([, name]) => name))
  expect(listed.sort()).toEqual([...new Set(published)].sort())
})

describe('the names', () => {
  it('follow the conventions of Prometheus', () => {
    for (const { name, type, help } of all) {
      expect(name).toMatch(/^(?:manycast|process)(?:_[a-z0-9]+)+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).not.toMatch(/milliseconds|_ms\b|kilo|_bits|_(?:bucket|sum|count|info|created)$/)
      expect(help).toMatch(/\.$/)
    }
  })

  it('are each there once', () => {
    // As OpenMetrics sees them: without the end of counters.
    const names = all.map(({ name }) => name.replace(/_total$/, ''))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})

describe('docs/grafana/manycast.json', () => {
  const text = readFileSync(docs('grafana/manycast.json'), 'utf8')
  const dashboard = JSON.parse(text)
  const panels: Panel[] = dashboard.panels

  it('asks for metrics that there are', () => {
    const asked = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)))
    expect(asked.filter((name) => !sampleNames.has(name))).toEqual([])
    expect(asked.length).toBeGreaterThan(30)
    const variables: { definition?: string }[] = dashboard.templating.list
    const inVariables = variables.flatMap(({ definition = '' }) => namesIn(definition))
    expect(inVariables.filter((name) => !sampleNames.has(name))).toEqual([])
  })

  it('asks by labels that they have', () => {
    for (const { expr } of panels.flatMap(({ targets = [] }) => targets)) {
      for (const [, name = '', selector = ''] of expr.matchAll(/\b((?:manycast|process)_[a-z_]+)\{([^}]*)\}/g)) {
        const metric = all.find((one) => name.replace(/_(?:bucket|sum|count)$/, '') === one.name || name === one.name)
        const labels = [...selector.matchAll(/(\w+)=~?"/g)].map(([, label]) => label)
        const known = new Set([...(metric?.labels ?? []), 'instance', 'le'])
        expect([name, labels.filter((label) => !known.has(label ?? ''))]).toEqual([name, []])
      }
    }
  })

  it('is a dashboard that Grafana takes', () => {
    expect(dashboard).toMatchObject({ title: 'manycast', uid: 'manycast', schemaVersion: expect.any(Number) })
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
    expect(dashboard).not.toHaveProperty('id')
    const ids = panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { type, title, gridPos, targets, datasource, fieldConfig } of panels) {
      expect(title).toBeTruthy()
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      if (type === 'row') continue
      expect(['timeseries', 'stat']).toContain(type)
      expect(datasource).toEqual({ type: 'prometheus', uid: '$' + '{datasource}' })
      expect(fieldConfig?.defaults.unit).toBeTruthy()
      const refs = (targets ?? []).map(({ refId }) => refId)
      expect(refs.length).toBeGreaterThan(0)
      expect(new Set(refs).size).toBe(refs.length)
    }
  })

  it('has no panels one over the other', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })

  it.skipIf(!hasPromtool)('asks in what Prometheus understands', () => {
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    const rules = queries.map((expr, i) => ({
      record: `query_${i}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll('$instance', '.*'),
    }))
    const folder = mkdtempSync(join(tmpdir(), 'manycast-dashboard-'))
    const file = join(folder, 'queries.yml')
    // YAML takes JSON.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' })
  })
})

describe('docs/grafana/alerts.yml', () => {
  const text = readFileSync(docs('grafana/alerts.yml'), 'utf8')

  it('asks for metrics that there are', () => {
    const asked = namesIn(text)
    expect(asked.filter((name) => !sampleNames.has(name))).toEqual([])
    expect(asked.length).toBeGreaterThan(10)
  })

  it.skipIf(!hasPromtool)('is what Prometheus takes', () => {
    const file = fileURLToPath(docs('grafana/alerts.yml'))
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
    expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' })
  })
})

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: unknown
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[]
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
}
