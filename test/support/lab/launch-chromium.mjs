/** Starts a real Chromium with fake devices. `npm test` says where it is (CHROME_PATH). */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
]

/**
 * @param {object} [options]
 * @param {string} [options.executablePath]
 * @param {string} [options.cameraFile] a film for the fake camera
 * @param {readonly string[]} [options.more] arguments
 * @param {(path: string) => string} [options.runner] makes an executable of one that runs it elsewhere
 */
export function launchChromium({
  executablePath = process.env.CHROME_PATH ?? usualPlace(),
  cameraFile,
  more = [],
  runner = (path) => path,
} = {}) {
  if (!executablePath) throw new Error('no Chromium: set CHROME_PATH, or run the tests by `npm test`, which finds one')
  const camera = cameraFile === undefined ? [] : [`--use-file-for-fake-video-capture=${cameraFile}`]
  return chromium.launch({ executablePath: runner(executablePath), args: [...ARGS, ...camera, ...more] })
}

function usualPlace() {
  return USUAL_PLACES.find((path) => existsSync(path))
}
