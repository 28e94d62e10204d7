/** Which text format a scraper wants, by its Accept header (RFC 9110, section 12.5.1). */
import type { MetricsFormat } from './write-text.js'

/** OpenMetrics if it is wanted as much as plain text or more, and named; else what everything reads. */
export function negotiateFormat(accept: string | null): MetricsFormat {
  let open = 0
  let plain = 0
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((item) => item.trim().toLowerCase())
    const quality = qualityOf(parameters)
    const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length)
    if (type === 'application/openmetrics-text') {
      // Other versions than these are other formats.
      if (version === undefined || /^"?(?:1\.0\.0|0\.0\.1)"?$/.test(version)) open = Math.max(open, quality)
    } else if (type === 'text/plain' || type === 'text/*' || type === '*/*') {
      plain = Math.max(plain, quality)
    }
  }
  return open > 0 && open >= plain ? 'openmetrics' : 'prometheus'
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  if (text === undefined) return 1
  const value = Number(text)
  return value >= 0 && value <= 1 ? value : 0
}
