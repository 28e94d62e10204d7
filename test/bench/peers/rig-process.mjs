/** A program of the rig: started on its core, its output kept, ended by its own handle and nothing else. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepTrack } from '../child.mjs'
import { pinned } from '../pinning.mjs'

const STOP_TIMEOUT_MS = 5000
const POLL_MS = 2

export class RigProcess {
  #process
  #name
  #out = ''
  #err = ''
  #ended
  /** @type {string | undefined} how it ended */
  #how

  /**
   * @param {string[]} argv
   * @param {{ isPinned?: boolean }} [options] whether it belongs to the clients' core; by default it does
   */
  constructor(argv, { isPinned = true } = {}) {
    const [command, ...args] = isPinned ? pinned('client', argv) : argv
    this.#name = argv.slice(0, 2).join(' ')
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const forget = keepTrack(this)
    this.#process.stdout.setEncoding('utf8').on('data', (text) => {
      this.#out += text
    })
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.#err += text
    })
    this.#ended = new Promise((resolve) => {
      const done = (how) => {
        this.#how = how
        forget()
        resolve()
      }
      this.#process.once('error', (error) => done(`cannot start: ${error.message}`))
      // Not `exit`: the rest of the output may still come.
      this.#process.once('close', (code, signal) => done(`ended with ${signal ?? code}`))
    })
  }

  /**
   * Resolves as soon as it has written that; rejects if it ends before or takes too long.
   *
   * @param {RegExp} pattern
   * @param {number} timeoutMs
   */
  async wrote(pattern, timeoutMs) {
    const endMs = performance.now() + timeoutMs
    while (!pattern.test(this.#out) && !pattern.test(this.#err)) {
      if (this.#how !== undefined) throw this.#failure(this.#how)
      if (performance.now() > endMs) throw this.#failure(`waited ${timeoutMs} ms for ${pattern}`)
      await sleep(POLL_MS)
    }
  }

  /** Its standard output, once it has ended. */
  async output(timeoutMs) {
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs)
    })
    const first = await Promise.race([this.#ended, late])
    clearTimeout(timer)
    if (first === 'late') {
      await this.stop()
      throw this.#failure(`has not ended within ${timeoutMs} ms`)
    }
    return this.#out
  }

  /** What the last line of its output says in JSON, once it has ended. */
  async json(timeoutMs) {
    const lines = (await this.output(timeoutMs)).trim().split('\n')
    try {
      return JSON.parse(lines[lines.length - 1])
    } catch {
      throw this.#failure(this.#how)
    }
  }

  async stop() {
    if (this.#how !== undefined) return
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.#ended
    clearTimeout(timer)
  }

  #failure(what) {
    return new Error(`${this.#name}: ${what}; ${this.#err.trim().slice(-300)}`)
  }
}
