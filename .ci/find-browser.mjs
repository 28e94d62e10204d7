/** Finds a Chromium for the end-to-end tests, or installs one. Run as a script it prints the path. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { aptInstall } from './apt.mjs'
import { root, runNode, say } from './steps.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge']

/** The path of a browser that starts, or undefined. CHROME_PATH comes first, and must work if it is set. */
export function findBrowser() {
  const { CHROME_PATH } = process.env
  if (CHROME_PATH) {
    if (starts(CHROME_PATH)) return CHROME_PATH
    say(`CHROME_PATH is ${CHROME_PATH}, which does not start; looking elsewhere.`)
  }
  return [...usualPlaces(), ...playwrightBrowsers()].find(starts)
}

/** {@link findBrowser}, and if there is none: the system's package manager, then Playwright. */
export function findOrInstallBrowser() {
  return findBrowser() ?? installByApt() ?? installByPlaywright()
}

/** What to tell somebody for whom nothing worked. */
export const NO_BROWSER =
  'no Chromium was found and none could be installed: install Chromium or Chrome, or set CHROME_PATH to its executable'

function usualPlaces() {
  if (process.platform === 'darwin') {
    const apps = ['/Applications', join(homedir(), 'Applications')]
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge']
    return apps.flatMap((folder) => names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)))
  }
  if (process.platform === 'win32') {
    const { PROGRAMFILES, LOCALAPPDATA } = process.env
    const folders = [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA].filter(Boolean)
    const tails = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
    ]
    return folders.flatMap((folder) => tails.map((tail) => join(folder, ...tail)))
  }
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  const folders = new Set([...path, '/usr/bin', '/usr/local/bin', '/opt/google/chrome', '/snap/bin'])
  return NAMES.flatMap((name) => [...folders].map((folder) => join(folder, name)))
}

function playwrightBrowsers() {
  const caches = {
    darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
    win32: join(process.env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
  }
  const own = process.env.PLAYWRIGHT_BROWSERS_PATH
  const cache = own && own !== '0' ? own : (caches[process.platform] ?? join(homedir(), '.cache', 'ms-playwright'))
  if (!existsSync(cache)) return []
  const builds = readdirSync(cache).filter((name) => name.startsWith('chromium-'))
  const number = (name) => Number(name.slice(name.indexOf('-') + 1))
  builds.sort((a, b) => number(b) - number(a))
  return builds.flatMap((build) => executablesIn(join(cache, build)))
}

function executablesIn(folder) {
  const names = new Set(['chrome', 'chrome.exe', 'Chromium', 'Google Chrome for Testing'])
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && names.has(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** A file is not enough: Ubuntu's `chromium-browser` may be a script that only says to install something else. */
function starts(path) {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    return false
  }
  // On Windows `--version` opens a window.
  if (process.platform === 'win32') return true
  const result = spawnSync(path, ['--version'], {
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return result.status === 0 && /\d+\.\d+/.test(result.stdout)
}

function installByApt() {
  return aptInstall(['chromium'], 'a browser for the tests') ? findBrowser() : undefined
}

function installByPlaywright() {
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js')
  if (!existsSync(cli)) return undefined
  say('Installing a browser for the tests (playwright install chromium) ...')
  runNode([cli, 'install', 'chromium'], { quiet: true, timeoutMs: 600_000 })
  return findBrowser()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = findOrInstallBrowser()
  if (path === undefined) say(`manycast: ${NO_BROWSER}`)
  else process.stdout.write(`${path}\n`)
  process.exitCode = path === undefined ? 1 : 0
}
