/** What `npm pack` makes, unpacked as an installed package: ESM, require() and the command. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import pkg from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../../', import.meta.url))
let app = ''
let installed = ''

beforeAll(() => {
  // Below the project's node_modules, so that the dependencies are found there as they would be in an app.
  const cache = join(root, 'node_modules', '.cache', 'manycast')
  mkdirSync(cache, { recursive: true })
  app = mkdtempSync(join(cache, 'pack-'))
  installed = join(app, 'node_modules', 'manycast')
  mkdirSync(installed, { recursive: true })
  const shell = process.platform === 'win32'
  execFileSync('npm', ['pack', '--pack-destination', app], { cwd: root, stdio: 'ignore', shell })
  const tarball = `manycast-${pkg.version}.tgz`
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], { cwd: app })
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }')
}, 120_000)

afterAll(() => rmSync(app, { recursive: true, force: true }))

function node(file: string, text: string) {
  writeFileSync(join(app, file), text)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const entries = Object.keys(pkg.exports).filter((path) => path !== './package.json')

it('imports as ESM, every entry point', () => {
  const lines = entries.map(
    (path) => `console.log(Object.keys(await import('${path.replace('.', 'manycast')}')).length > 0)`,
  )
  const { status, stdout } = node('app.mjs', lines.join('\n'))
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n'.repeat(entries.length) })
})

it('loads by require(), every entry point', () => {
  const lines = entries.map(
    (path) => `console.log(Object.keys(require('${path.replace('.', 'manycast')}')).length > 0)`,
  )
  const { status, stdout } = node('app.cjs', lines.join('\n'))
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n'.repeat(entries.length) })
})

it('has a browser client that needs nothing but its own modules', () => {
  const folder = join(installed, 'dist', 'client')
  const modules = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const text = modules.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const imports = [...text.matchAll(/\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g)].map(([, from, bare]) => from ?? bare)
  expect(imports.length).toBeGreaterThan(10)
  expect(imports.filter((name) => !name?.startsWith('./') || !modules.includes(name.slice(2)))).toEqual([])
  const { stdout } = node('client.mjs', "console.log(Object.keys(await import('manycast/client')).sort().join())")
  expect(stdout).toBe('ClientError,publish,watch\n')
})

it('ends by itself after an Sfu was closed', () => {
  const lines = ["import { Sfu } from 'manycast'", 'const sfu = new Sfu()', 'await sfu.ready()', 'await sfu.close()']
  expect(node('close.mjs', lines.join('\n'))).toEqual({ status: 0, stdout: '', stderr: '' })
})

it('brings its command, with the pages', () => {
  const command = join(installed, pkg.bin.manycast)
  const { status, stdout } = spawnSync(process.execPath, [command, '--version'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${pkg.version}\n` })
  expect(existsSync(join(installed, 'src', 'cli', 'pages', 'watch.html'))).toBe(true)
})

it('brings what belongs to it and nothing else', () => {
  expect(readdirSync(installed).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src'])
})
