/** The results of a comparison in a file, written after every run: one that was interrupted goes on where it was. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { keyOf } from './plan.mjs'

/**
 * @typedef {object} Result
 * @property {import('./plan.mjs').Task} task
 * @property {import('./figures.mjs').Figures} figures
 */

export class ResultsFile {
  #path
  #machine
  #load
  /** @type {Map<string, Result>} */
  #results = new Map()

  /**
   * @param {string} path
   * @param {Record<string, unknown>} machine
   * @param {Record<string, unknown>} load what results must have in common to stand in one table
   */
  constructor(path, machine, load) {
    this.#path = path
    this.#machine = machine
    this.#load = load
    if (!existsSync(path)) return
    const had = JSON.parse(readFileSync(path, 'utf8'))
    if (JSON.stringify(had.load) !== JSON.stringify(load)) {
      throw new Error(
        `${path} has results of another load (${JSON.stringify(had.load)}): move it away, or choose another --out`,
      )
    }
    this.#machine = had.machine
    for (const result of had.results) this.#results.set(keyOf(result.task), result)
  }

  /** What they were measured on. */
  get machine() {
    return this.#machine
  }

  /** @param {import('./plan.mjs').Task} task */
  has(task) {
    return this.#results.has(keyOf(task))
  }

  /**
   * @param {import('./plan.mjs').Task} task
   * @param {import('./figures.mjs').Figures} figures
   */
  add(task, figures) {
    this.#results.set(keyOf(task), { task, figures })
    mkdirSync(dirname(this.#path), { recursive: true })
    const text = `${JSON.stringify({ machine: this.#machine, load: this.#load, results: this.all() }, null, 1)}\n`
    // A file that is half written would lose everything that was measured.
    writeFileSync(`${this.#path}.new`, text)
    renameSync(`${this.#path}.new`, this.#path)
  }

  /** @returns {Result[]} */
  all() {
    return [...this.#results.values()]
  }
}
