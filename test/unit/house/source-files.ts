/** The TypeScript files of `src` with what they import, for the tests of the house rules. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** A file of `src`; paths are relative to it, with slashes. */
export interface SourceFile {
  readonly path: string
  /** The first folder of the path, or the file itself where it lies in none. */
  readonly room: string
  readonly text: string
  /** The files of `src` that it imports. */
  readonly files: readonly string[]
  /** Everything else that it imports: packages and builtins. */
  readonly packages: readonly string[]
}

const src = fileURLToPath(new URL('../../../src/', import.meta.url))

/** The room of a path relative to `src`. */
export function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path
}

/** Reads all of them. */
export function sourceFiles(): SourceFile[] {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
  return paths
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => readSourceFile(path, readFileSync(`${src}${path}`, 'utf8')))
}

/** What `text` imports, as if it were the file at `path`. Counts types, re-exports and `import()` as well. */
export function readSourceFile(path: string, text: string): SourceFile {
  const names = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName)
  const isFile = (name: string) => name.startsWith('.')
  const files = names.filter(isFile).map((name) => posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts'))
  const packages = names.filter((name) => !isFile(name)).map(packageOf)
  return { path, room: roomOf(path), text, files, packages }
}

function packageOf(name: string): string {
  if (name.startsWith('node:')) return name
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}
