/**
 * A client that is a Python script with three commands: `version` prints the version, `publish <url>` says `ready` and goes on until its
 * standard input ends, `view <url> <seconds>` prints what it has seen as JSON.
 */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3'

/** @param {{ name: string, script: string, packages: string }} options */
export function pythonClient({ name, script, packages }) {
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
  const ask = () => spawnSync(PYTHON, [path, 'version'], { encoding: 'utf8' })
  return {
    name,
    missing: () => (ask().status === 0 ? undefined : `${PYTHON} lacks something of: ${packages}`),
    async open() {
      return {
        version: ask().stdout.trim(),
        async publish(url) {
          const running = run(path, ['publish', url])
          await running.firstLine
          return async () => {
            running.child.stdin.end()
            await running.exited
          }
        },
        async view(url, forMs) {
          const running = run(path, ['view', url, String(forMs / 1000)])
          const line = await running.firstLine
          await running.exited
          return JSON.parse(line)
        },
        close: async () => {},
      }
    },
  }
}

function run(path, args) {
  const child = spawn(PYTHON, [path, ...args], { stdio: 'pipe' })
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const exited = new Promise((resolve) => child.once('close', resolve))
  const firstLine = new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (output.includes('\n')) resolve(output.split('\n')[0])
    })
    child.once('close', (code) =>
      reject(new Error(`exit code ${code}: ${errors.trim().split('\n').slice(-3).join(' ')}`)),
    )
  })
  return { child, exited, firstLine }
}
