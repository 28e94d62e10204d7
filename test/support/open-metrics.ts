/**
 * A strict reader of what is scraped: OpenMetrics 1.0, and the Prometheus text format 0.0.4 held to the same order. Throws at the first line that is
 * not as the specification has it.
 */

/** One line. */
export interface ReadSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric family. */
export interface ReadFamily {
  readonly name: string
  type: string
  help: string | undefined
  unit: string | undefined
  readonly samples: ReadSample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const TYPES = ['counter', 'gauge', 'histogram']
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
}

/** Reads an exposition; its families by name. */
export function readExposition(text: string, format: 'openmetrics' | 'prometheus'): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) fail('the last line has no end', text.slice(-80))
  if (text.includes('\r')) fail('there is a carriage return', '')
  const lines = text.slice(0, -1).split('\n')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') fail('it does not end in # EOF', text.slice(-80))
  const families = new Map<string, ReadFamily>()
  const series = new Set<string>()
  let current: ReadFamily | undefined
  for (const line of lines) {
    const metadata = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line)
    if (metadata) {
      const [, kind, name, value] = metadata as unknown as [string, string, string, string]
      if (current?.name !== name) {
        if (families.has(name)) fail('a family is in two places', line)
        if (!NAME.test(name)) fail('no name', line)
        if (format === 'openmetrics' && /_(?:total|bucket|count|sum|info|created)$/.test(name))
          fail('a reserved end', line)
        current = { name, type: '', help: undefined, unit: undefined, samples: [] }
        families.set(name, current)
      }
      if (current.samples.length > 0) fail('metadata behind samples', line)
      readMetadata(current, kind, value, format, line)
      continue
    }
    if (line.startsWith('#')) fail('a comment', line)
    if (current === undefined) fail('a sample without a family', line)
    const sample = readSample(line)
    checkName(current as ReadFamily, sample.name, format, line)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
    if (series.has(key)) fail('a series is there twice', line)
    series.add(key)
    current?.samples.push(sample)
  }
  for (const family of families.values()) checkFamily(family)
  return families
}

function readMetadata(family: ReadFamily, kind: string, value: string, format: string, line: string): void {
  if (kind === 'TYPE') {
    if (family.type !== '') fail('two types', line)
    if (!TYPES.includes(value)) fail('no type', line)
    family.type = value
  } else if (kind === 'HELP') {
    if (family.help !== undefined) fail('two texts of help', line)
    family.help = unescaped(value, format === 'openmetrics', line)
  } else {
    if (format !== 'openmetrics' || family.unit !== undefined) fail('an unexpected unit', line)
    if (!family.name.endsWith(`_${value}`)) fail('the name does not end in the unit', line)
    family.unit = value
  }
}

function readSample(line: string): ReadSample {
  const name = /^[^{ ]+/.exec(line)?.[0] ?? ''
  if (!NAME.test(name)) fail('no name', line)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    for (;;) {
      const pair = /^([^=]+)="((?:[^"\\]|\\[\\n"])*)"([,}])/.exec(rest)
      if (pair === null) return fail('no labels', line)
      const [whole, label, value, end] = pair as unknown as [string, string, string, string]
      if (!LABEL_NAME.test(label) || label.startsWith('__')) fail('no label name', line)
      if (Object.hasOwn(labels, label)) fail('a label is there twice', line)
      labels[label] = unescaped(value, true, line)
      rest = rest.slice(whole.length)
      if (end === '}') break
    }
  }
  if (!rest.startsWith(' ')) fail('no value', line)
  return { name, labels, value: readNumber(rest.slice(1), line) }
}

function readNumber(text: string, line: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (!NUMBER.test(text)) fail('no number', line)
  return Number(text)
}

function checkName(family: ReadFamily, name: string, format: string, line: string): void {
  const { type } = family
  // In the older format, the family of a counter has the name of its samples.
  const suffixes = format === 'prometheus' && type === 'counter' ? [''] : (SUFFIXES[type] ?? [])
  if (!suffixes.some((suffix) => `${family.name}${suffix}` === name)) fail(`not of the ${type} ${family.name}`, line)
}

function checkFamily(family: ReadFamily): void {
  const { name, type, help, samples } = family
  if (type === '' || help === undefined) fail('no type or no help', name)
  if (type === 'counter') for (const { value } of samples) if (!(value >= 0 && value < Infinity)) fail('no count', name)
  if (type !== 'histogram') return
  const groups = new Map<string, ReadSample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const count = group.find((sample) => sample.name === `${name}_count`)?.value
    const sum = group.find((sample) => sample.name === `${name}_sum`)?.value
    if (buckets.at(-1)?.labels.le !== '+Inf' || buckets.at(-1)?.value !== count || sum === undefined) {
      fail('buckets without an end, or another count', name)
    }
    for (const [index, { labels, value }] of buckets.entries()) {
      const before = buckets[index - 1]
      const le = readNumber(labels.le ?? '', name)
      if (before && (readNumber(before.labels.le ?? '', name) >= le || before.value > value)) fail('no order', name)
    }
  }
}

function unescaped(text: string, quotes: boolean, line: string): string {
  return text.replace(/\\(.?)/g, (_all, escaped: string) => {
    if (escaped === 'n') return '\n'
    if (escaped === '\\' || (escaped === '"' && quotes)) return escaped
    return fail('no escape', line)
  })
}

function fail(what: string, line: string): never {
  throw new Error(`${what}: ${line}`)
}
