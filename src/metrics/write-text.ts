/** The text formats that are scraped: Prometheus 0.0.4 and OpenMetrics 1.0. */
import { baseName, type MetricFamily, type MetricLabels, sampleLines, unitOf } from './metric-family.js'

/** A text format. */
export type MetricsFormat = 'prometheus' | 'openmetrics'

/** The media type of each. */
export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** The exposition of `families`. */
export function writeText(families: readonly MetricFamily[], format: MetricsFormat): string {
  const lines: string[] = []
  const isOpen = format === 'openmetrics'
  for (const family of families) {
    const { name, type, help, samples } = family
    // OpenMetrics names the family of a counter without the end that its samples have.
    const familyName = isOpen ? baseName(family) : name
    lines.push(`# HELP ${familyName} ${isOpen ? escapeLabel(help) : escapeHelp(help)}`, `# TYPE ${familyName} ${type}`)
    const unit = unitOf(family)
    if (isOpen && unit !== undefined) lines.push(`# UNIT ${familyName} ${unit}`)
    for (const sample of samples) {
      for (const { suffix, labels, value } of sampleLines(sample, isOpen ? canonicalFloat : String)) {
        lines.push(`${name}${suffix}${labelText(labels)} ${numberText(value)}`)
      }
    }
  }
  if (isOpen) lines.push('# EOF')
  return `${lines.join('\n')}\n`
}

/** A label value as both formats want it between its quotes. */
export function escapeLabel(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

/** The bound of a bucket in OpenMetrics has a point, so that it is the same text everywhere. */
function canonicalFloat(value: number): string {
  const text = String(value)
  return /^\d+$/.test(text) ? `${text}.0` : text
}
