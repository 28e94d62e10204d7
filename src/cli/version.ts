/** The version of this package. */
import { readFileSync } from 'node:fs'

/** From package.json, which lies two folders up in the sources and in the package alike. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
