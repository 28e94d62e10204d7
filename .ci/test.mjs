/** `npm test`: everything, real Chromium included. Arguments go to Vitest: `npm test -- --project unit`. */
import { join } from 'node:path'
import { findOrInstallBrowser, NO_BROWSER } from './find-browser.mjs'
import { installMediaTools } from './media-tools.mjs'
import { prepare } from './prepare.mjs'
import { installRedis } from './redis.mjs'
import { root, runNode, say, stop } from './steps.mjs'

prepare()

const browser = findOrInstallBrowser()
if (browser === undefined) stop(NO_BROWSER)
say(`Testing with ${browser}`)
installMediaTools()
installRedis()

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [vitest, 'run', '--config', 'test/vitest.config.ts', ...process.argv.slice(2)]
process.exitCode = runNode(args, { env: { CHROME_PATH: browser } })
