/** Every threat in docs/security.md names a test, in quotes and with the file it is in, and that test exists. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = new URL('../../../docs/security.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const THREATS = [
  'Amplification',
  'Flood',
  'Hijack',
  'Replay',
  'Downgrade',
  'SSRF',
  'Log injection',
  'Cross-origin',
  'Handshake flood',
]

/** The rows of the tables whose last column is about tests. */
function threatRows(): string[] {
  const rows: string[] = []
  let isThreats = false
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isThreats = false
    else if (line.startsWith('| threat |')) isThreats = true
    else if (isThreats && !line.startsWith('| ---')) rows.push(line)
  }
  return rows
}

/** The tests that a row names. */
function testsOf(row: string): { title: string; file: URL }[] {
  return [...row.matchAll(/\["([^"]+)"\]\((\.\.\/test\/[^)]+)\)/g)].map(([, title = '', path = '']) => ({
    title,
    file: new URL(path, page),
  }))
}

it('is about the threats that there are', () => {
  for (const threat of THREATS) expect(text).toContain(`**${threat}`)
  expect(threatRows().length).toBeGreaterThan(35)
})

it('names tests that exist for every threat', () => {
  const bad = threatRows().flatMap((row) => {
    const tests = testsOf(row)
    const name = row.split('|')[1]?.trim() ?? ''
    if (tests.length === 0) return [`${name}: no test`]
    return tests
      .filter(({ title, file }) => !existsSync(file) || !titles(readFileSync(file, 'utf8')).includes(title))
      .map(({ title }) => `${name}: there is no test ${title}`)
  })
  expect(bad).toEqual([])
})

/** The titles of the tests in a file, as they are written there. */
function titles(source: string): string[] {
  const calls = source.matchAll(
    /\b(?:it|test)(?:\.each\((?:[^()]|\([^()]*\))*\))?\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g,
  )
  return [...calls].map(([, , title = '']) => title.replaceAll("\\'", "'"))
}
