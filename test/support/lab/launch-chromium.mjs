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
 * @param {(program: string) => string} [options.wrap] makes a program that starts Chromium somewhere else
 * @param {string} [options.cameraFile] a film for the fake camera
 * @param {readonly string[]} [options.more] arguments
 */
export function launchChromium({
  executablePath = process.env.CHROME_PATH ?? usualPlace(),
  wrap = (program) => program,
  cameraFile,
  more = [],
} = {}) {
  if (!executablePath) throw new Error('no Chromium: set CHROME_PATH, or run the tests by `npm test`, which finds one')
  const camera = cameraFile === undefined ? [] : [`--use-file-for-fake-video-capture=${cameraFile}`]
  return chromium.launch({ executablePath: wrap(executablePath), args: [...ARGS, ...camera, ...more] })
}

function usualPlace() {
  return USUAL_PLACES.find((path) => existsSync(path))
}
