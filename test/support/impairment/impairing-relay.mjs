/**
 * A UDP relay between a browser and the server that carries what it is told to, both ways: a bottleneck with a queue, delay, loss. It has a
 * thread of its own, so that what the server and the test do does not disturb its clock.
 */
import { Worker } from 'node:worker_threads'

/** @typedef {import('./link-queue.mjs').LinkConditions} LinkConditions */

/**
 * @typedef {object} RelayDepartures what left the bottleneck to the browser, one entry per packet in each array
 * @property {number[]} atMs since the Unix epoch
 * @property {number[]} bytes headers of IP and UDP included
 * @property {number[]} queuedMs how long it waited for the bottleneck and was being sent
 * @property {number[]} lateMs how much later than it should the relay sent it
 */

/** The relay of one viewer, or of several that share a link. */
export class ImpairingRelay {
  #worker
  #port
  #nextId = 0
  #waiting = new Map()

  /** @private */
  constructor(worker, port) {
    this.#worker = worker
    this.#port = port
    worker.on('message', ({ id, result }) => {
      this.#waiting.get(id)?.(result)
      this.#waiting.delete(id)
    })
  }

  /**
   * Opens a relay to the media port that the answer names.
   *
   * @param {string} answer
   * @param {{ toBrowser?: Partial<LinkConditions>, toServer?: Partial<LinkConditions>, seed?: number }} [options]
   * @returns {Promise<ImpairingRelay>}
   */
  static async open(answer, { toBrowser = {}, toServer = {}, seed = 1 } = {}) {
    const serverPort = Number(/udp \d+ 127\.0\.0\.1 (\d+)/i.exec(answer)?.[1])
    const workerData = { serverPort, seed, conditions: { toBrowser, toServer } }
    const worker = new Worker(new URL('./relay-worker.mjs', import.meta.url), { workerData })
    const { port } = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    return new ImpairingRelay(worker, port)
  }

  /**
   * The server's answer with the relay in its place.
   *
   * @param {string} answer
   */
  rewrite(answer) {
    return answer.replace(/^(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) \d+/gim, `$1 ${this.#port}`)
  }

  /**
   * Changes the link to the browser; resolves with the moment from which that holds, in milliseconds since the Unix epoch.
   *
   * @param {Partial<LinkConditions>} conditions
   * @param {'toBrowser' | 'toServer'} [direction]
   * @returns {Promise<number>}
   */
  change(conditions, direction = 'toBrowser') {
    return this.#request('change', { direction, conditions })
  }

  /** Begins to note what leaves for the browser. */
  async record() {
    await this.#request('record')
  }

  /**
   * Ends that, and resolves with it.
   *
   * @returns {Promise<RelayDepartures>}
   */
  async recorded() {
    /** @type {Float64Array} */
    const flat = await this.#request('recorded')
    const every = (offset) => Array.from({ length: flat.length / 4 }, (_, i) => flat[i * 4 + offset])
    return { atMs: every(0), bytes: every(1), queuedMs: every(2), lateMs: every(3) }
  }

  /** What became of the packets of both links. */
  counters() {
    return this.#request('counters')
  }

  /** Closes the sockets and ends the thread. */
  async close() {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage({ id: -1, method: 'close' })
    await ended
  }

  #request(method, params) {
    const id = this.#nextId++
    const answer = new Promise((resolve) => this.#waiting.set(id, resolve))
    this.#worker.postMessage({ id, method, params })
    return answer
  }
}
