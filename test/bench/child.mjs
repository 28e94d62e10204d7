/** A child process of the bench: started on its core, asked over IPC, ended by its own handle and nothing else. */
import { spawn } from 'node:child_process'
import { pinned } from './pinning.mjs'

const START_TIMEOUT_MS = 15_000
const STOP_TIMEOUT_MS = 3000

/** @type {Set<{ stop(): Promise<void> }>} */
const running = new Set()

export class Child {
  #process
  #pending = new Map()
  #nextId = 1
  /** @type {Promise<void>} */
  #exited
  #hasExited = false
  #ready = withResolvers()

  /**
   * @param {string} name for messages
   * @param {'server' | 'client' | 'any'} role
   * @param {string[]} argv
   * @param {{ ipc: boolean, env?: Record<string, string> }} options
   */
  constructor(name, role, argv, { ipc, env = {} }) {
    this.name = name
    const [command, ...args] = pinned(role, argv)
    this.#process = spawn(command, args, {
      // Strangers may log what they like.
      stdio: ipc ? ['ignore', 'inherit', 'inherit', 'ipc'] : 'ignore',
      env: { ...process.env, ...env },
    })
    running.add(this)
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (error) => this.#gone(`cannot start: ${error.message}`, resolve))
      this.#process.once('exit', (code, signal) => this.#gone(`ended with ${signal ?? code}`, resolve))
    })
    this.#process.on('message', (message) => this.#take(message))
    this.#ready.promise.catch(() => {})
  }

  get pid() {
    return this.#process.pid
  }

  /** Resolves with what the child announced; rejects if it ends before or takes too long. */
  ready() {
    return this.#within(this.#ready.promise, START_TIMEOUT_MS, 'to start')
  }

  /**
   * @param {string} method
   * @param {unknown} params
   * @param {number} timeoutMs
   */
  request(method, params, timeoutMs) {
    if (this.#hasExited) return Promise.reject(new Error(`${this.name} has ended`))
    const id = this.#nextId++
    const answer = new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    this.#process.send({ id, method, params })
    return this.#within(answer, timeoutMs, `for ${method}`)
  }

  async stop() {
    if (this.#hasExited) return
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #take({ ready, id, result, error, ...details }) {
    if (ready) return this.#ready.resolve(details)
    const waiting = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(`${this.name}: ${error}`))
  }

  #gone(how, done) {
    this.#hasExited = true
    running.delete(this)
    const error = new Error(`${this.name} ${how}`)
    this.#ready.reject(error)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    done()
  }

  async #within(promise, ms, what) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name}: waited ${ms} ms ${what}`)), ms)
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/**
 * Another process that `stopAll` ends; the function that this returns says that it has ended.
 *
 * @param {{ stop(): Promise<void> }} process
 */
export function keepTrack(process) {
  running.add(process)
  return () => running.delete(process)
}

/** Ends every child that is left. */
export async function stopAll() {
  await Promise.all([...running].map((child) => child.stop()))
}

/** `Promise.withResolvers` for Node 20. */
function withResolvers() {
  const out = {}
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }))
  return out
}
