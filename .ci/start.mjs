/** `npm start`: makes the clone ready, then serves. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.mjs'
import { root } from './steps.mjs'

prepare()

const main = join(root, 'dist', 'cli', 'main.js')
process.argv = [process.execPath, main, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(main).href)

// A signal to npm reaches only the shell in between; when that is gone, the server closes as if it had got the signal itself.
const parent = process.ppid
const watch = setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(watch)
  process.kill(process.pid, 'SIGTERM')
}, 250)
watch.unref()
// One that comes here as well must not count as a second signal.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clearInterval(watch))
