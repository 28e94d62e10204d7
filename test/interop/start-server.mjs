/** `manycast serve` as a user starts it; HTTP is on loopback. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { namespaceAddress } from './in-namespace.mjs'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Resolves to its URL, and a way to end it. */
export async function startServer() {
  const args = namespaceAddress === undefined ? [] : ['--listen-ip', namespaceAddress]
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
      const [match] = /http:\/\/[\w.]+:\d+/.exec(printed) ?? []
      if (match) resolve(match)
    })
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}: ${printed}`)))
  })
  return {
    url,
    async close() {
      child.kill()
      await exited
    },
  }
}
