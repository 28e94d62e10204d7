/** Chromium with its fake camera. CHROME_PATH says where it is. */
import { readFileSync } from 'node:fs'
import { firstExisting, openBrowser } from './browser-client.mjs'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
]

const find = () =>
  firstExisting(process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome')

export const chromium = {
  name: 'Chromium',
  missing: () => (find() === undefined ? 'there is no Chromium; CHROME_PATH may say where it is' : undefined),
  open: ({ pageUrl }) => openBrowser({ executablePath: find(), args: ARGS }, pageUrl),
}

/** The same with the WHIP client of Eyevinn, which only publishes. */
export const eyevinn = {
  name: '@eyevinn/whip-web-client',
  missing: chromium.missing,
  async open({ pageUrl }) {
    const { view: _, ...client } = await openBrowser(
      { executablePath: find(), args: ARGS },
      pageUrl,
      'publishByEyevinn',
    )
    return { ...client, version: `${eyevinnVersion()} in ${client.version}` }
  },
}

function eyevinnVersion() {
  const path = new URL('../node_modules/@eyevinn/whip-web-client/package.json', import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).version
}
