/** Processes that end with this one, however that ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLOSE_TIMEOUT_MS = 5000

export class ProcessGroup {
  #children = new Set()
  isClosing = false
  #guard = spawn(process.execPath, [fileURLToPath(new URL('guard.mjs', import.meta.url))], {
    // Groups of their own: Ctrl+C is for this process alone, which then ends the others in order.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })

  constructor() {
    this.#guard.stdin.on('error', () => {}) // gone already: there is nobody to tell
  }

  /** Starts a process, passes on what it says to standard error, and tells when it ends. */
  spawn(name, command, args, env = process.env) {
    const child = spawn(command, args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.add(child)
    if (child.pid !== undefined) this.#guard.stdin.write(`+${child.pid}\n`)
    child.stdout.resume()
    child.stderr.on('data', (data) => process.stderr.write(`[${name}] ${data}`))
    child.on('error', (error) => console.error(`${name}: ${error.message}`))
    child.on('exit', (code, signal) => {
      this.#children.delete(child)
      this.#guard.stdin.write(`-${child.pid}\n`)
      if (!this.isClosing) console.log(`${name} has ended (${signal ?? `exit code ${code}`})`)
    })
    return child
  }

  /** Resolves when the process has written what `pattern` finds; rejects if it ends before. */
  async whenSaid(child, name, pattern) {
    let output = ''
    await new Promise((resolve, reject) => {
      child.stdout.on('data', function onData(data) {
        output += data
        if (!pattern.test(output)) return
        child.stdout.off('data', onData)
        child.stdout.resume()
        resolve()
      })
      child.once('close', () => reject(new Error(`${name} did not start`)))
    })
  }

  /** Ends all of them: asks first, and does not wait for long. */
  async close() {
    this.isClosing = true
    const children = [...this.#children]
    for (const child of children) child.kill('SIGINT')
    const all = Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
    const timer = setTimeout(() => {
      for (const child of this.#children) child.kill('SIGKILL')
    }, CLOSE_TIMEOUT_MS)
    await all
    clearTimeout(timer)
    this.#guard.stdin.end()
  }
}
