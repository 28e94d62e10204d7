/** Firefox with its fake camera, over WebDriver BiDi. FIREFOX_PATH says where it is. */
import { firstExisting, openBrowser } from './browser-client.mjs'

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
}

const find = () => firstExisting(process.env.FIREFOX_PATH, '/usr/bin/firefox-esr', '/usr/bin/firefox')

export const firefox = {
  name: 'Firefox',
  needsNamespace: true,
  missing: () => (find() === undefined ? 'there is no Firefox; FIREFOX_PATH may say where it is' : undefined),
  open: ({ pageUrl }) =>
    openBrowser({ browser: 'firefox', executablePath: find(), extraPrefsFirefox: PREFERENCES }, pageUrl),
}
