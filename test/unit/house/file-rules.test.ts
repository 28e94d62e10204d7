/** Rules for single files: size, names, what TypeScript features are left out, and that each says what it is. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sourceFiles } from './source-files.js'

const MAX_LINES = 500
/** Names that say nothing about what is in a file. */
const BANNED_NAMES = /(?:^|[-/])(?:utils?|helpers?|manager|misc|common)(?:-[a-z0-9-]*)?\.ts$/

const root = new URL('../../../', import.meta.url)
const files = sourceFiles()

/** Every text file of some folders, relative to the root of the project. */
function textFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .filter((path) => /\.(?:ts|js|mjs|css|html)$/.test(path) && !path.includes('node_modules')),
  )
}

it('keeps every file under 500 lines', () => {
  const lines = (path: string) => readFileSync(new URL(path, root), 'utf8').split('\n').length
  const long = textFiles(['src', 'test', 'examples', '.ci']).filter((path) => lines(path) > MAX_LINES)
  expect(long).toEqual([])
})

it('names files and folders in kebab-case, after what is in them', () => {
  const bad = files.filter(
    ({ path }) =>
      !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/.test(path) || BANNED_NAMES.test(path),
  )
  expect(bad.map((file) => file.path)).toEqual([])
})

it('has no default exports, no enums and no namespaces', () => {
  const bad = files.filter((file) =>
    /^export default\b|^(?:export )?(?:declare )?(?:const )?enum\b|^(?:export )?namespace\b/m.test(file.text),
  )
  expect(bad.map((file) => file.path)).toEqual([])
})

it('opens every file with a comment that says what it is', () => {
  const bad = files.filter((file) => !/^(?:#!.*\n)?\/\*\*|^(?:#!.*\n)?\/\//.test(file.text))
  expect(bad.map((file) => file.path)).toEqual([])
})

it('has an index.ts in entry folders only', () => {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    exports: Record<string, { types?: string }>
  }
  const entries = Object.values(exports).flatMap(
    (entry) => entry.types?.replace('./dist/', '').replace('.d.ts', '.ts') ?? [],
  )
  expect(
    files
      .map((file) => file.path)
      .filter((path) => /(?:^|\/)index\.ts$/.test(path))
      .sort(),
  ).toEqual(entries.sort())
})
