/** Makes a fresh clone ready to run: the locked dependencies, then `dist`. Does nothing where nothing has changed. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, runNode, runNpm, say, stop } from './steps.mjs'

const modules = join(root, 'node_modules')
const dist = join(root, 'dist')
/** What `dist` was made of. Worktrees may share their `node_modules`, but not this. */
const stamp = join(
  modules,
  '.cache',
  'manycast',
  `build-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`,
)
/** The server, and what runs in browsers. */
const projects = ['tsconfig.json', join('src', 'client', 'tsconfig.json')]

/** Stops unless this Node is new enough. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`this is Node.js ${process.versions.node}; 20.19 or newer is needed, see https://nodejs.org`)
  }
}

/** Installs the locked dependencies when they are missing, or not those of package-lock.json. */
export function ensureDependencies() {
  const wanted = join(root, 'package-lock.json')
  const installed = join(modules, '.package-lock.json')
  if (existsSync(installed)) {
    if (statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return
    if (sameDependencies(wanted, installed)) {
      // Only the time stamp differs, as after a checkout.
      utimesSync(installed, new Date(), new Date())
      return
    }
  }
  say('Installing the dependencies (npm ci) ...')
  if (runNpm(['ci', '--no-audit', '--no-fund', '--include=dev'], { quiet: true }) !== 0) {
    stop('npm ci failed, see above; is the package registry reachable?')
  }
}

function sameDependencies(wanted, installed) {
  const read = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
  const there = read(installed)
  return Object.entries(read(wanted)).every(
    ([path, entry]) => path === '' || entry.optional || there[path]?.version === entry.version,
  )
}

/** Compiles `src` to `dist` when it has changed since the last time, and takes out what has no source any more. */
export function ensureBuilt() {
  const sources = filesBelow(join(root, 'src')).filter((path) => path.endsWith('.ts'))
  const configs = projects.map((project) => join(root, project))
  const digest = digestOf([...sources, ...configs, join(modules, 'typescript', 'package.json')])
  const missing = sources.some((path) => !existsSync(outputOf(path)))
  if (!missing && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  say('Building dist (tsc) ...')
  removeStale(new Set(sources.map(outputOf)))
  for (const project of projects) {
    if (runNode([join(modules, 'typescript', 'bin', 'tsc'), '-p', project], { quiet: true }) !== 0) {
      stop('the build failed, see above')
    }
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest)
}

function outputOf(source) {
  return join(dist, relative(join(root, 'src'), source).replace(/\.ts$/, '.js'))
}

function removeStale(outputs) {
  if (!existsSync(dist)) return
  for (const path of filesBelow(dist)) {
    const script = path.replace(/(?:\.js|\.js\.map|\.d\.ts|\.d\.ts\.map)$/, '.js')
    if (!outputs.has(script)) rmSync(path)
  }
}

function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${relative(root, path)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** All of it. */
export function prepare() {
  checkNode()
  ensureDependencies()
  ensureBuilt()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) prepare()
