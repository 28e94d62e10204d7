/** One run of the adaptation bench: a simulcast publisher, and a viewer whose link goes from wide to narrow and back. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Broadcast } from '../../../dist/index.js'
import { Lab } from '../../support/lab/lab.mjs'
import { holdsWithin, waitFor } from '../../support/lab/wait-for.mjs'
import { watchLoad } from './load-watch.mjs'

const PAGE_SAMPLE_MS = 100
const SERVER_SAMPLE_MS = 50
const READY_MS = 60_000
/** A viewer that has not got the best layer by then is measured all the same. */
const BEST_MS = 20_000
/** The publisher's own estimate has to have grown, and rates are means over seconds. */
const SETTLE_MS = 6000

/**
 * @typedef {object} AdaptationPath
 * @property {number} wideBps
 * @property {number} narrowBps
 * @property {number} rttMs
 * @property {number} queueBytes of the bottleneck
 * @property {number} lossRate
 */

/**
 * @typedef {object} AdaptationRecord everything that was noted; times in milliseconds since the Unix epoch
 * @property {AdaptationPath} path
 * @property {string[]} rids best last
 * @property {number} joinMs
 * @property {{ wideMs: number, dropMs: number, returnMs: number, endMs: number }} marks where the phases begin, and the end
 * @property {any[]} page samples of the viewer's statistics
 * @property {any[]} frames that the viewer has shown
 * @property {ServerSample[]} server
 * @property {LayerNote[]} layers what was forwarded from when on
 * @property {import('../../support/impairment/impairing-relay.mjs').RelayDepartures} relay
 * @property {import('./load-watch.mjs').MachineLoad} load
 */

/** @typedef {import('../../../dist/index.js').LayerEvent & { atMs: number }} LayerNote */

/**
 * @typedef {object} ServerSample
 * @property {number} atMs
 * @property {number | undefined} estimatedBps
 * @property {number} sentBytes
 * @property {any} pacing
 * @property {Record<string, number>} layerBytes received from the publisher so far, by rid
 */

/** A publisher that goes on, and one viewer after the other. */
export class AdaptationBench {
  #broadcast = new Broadcast({ listenIps: '127.0.0.1' })
  #lab
  #publisher
  #encodings

  /** @private */
  constructor(encodings) {
    this.#encodings = encodings
  }

  /**
   * Resolves when the publisher sends all layers at their rates.
   *
   * @param {import('playwright-core').Browser} browser
   * @param {{ width: number, height: number }} video
   * @param {readonly RTCRtpEncodingParameters[]} encodings best last
   */
  static async open(browser, { width, height }, encodings) {
    const bench = new AdaptationBench(encodings)
    bench.#lab = await Lab.open(browser, bench.#broadcast)
    bench.#publisher = await bench.#lab.publish({ video: { width, height }, encodings })
    await waitFor('all layers flow', () => allFlow(bench.#publisher.session, encodings), READY_MS)
    await sleep(SETTLE_MS)
    return bench
  }

  /**
   * @param {AdaptationPath} path
   * @param {number} seconds length of a phase
   * @returns {Promise<AdaptationRecord>}
   */
  async run(path, seconds) {
    const oneWay = { delayMs: path.rttMs / 2, lossRate: path.lossRate }
    const toBrowser = { ...oneWay, bandwidthBps: path.wideBps, queueBytes: path.queueBytes }
    const viewer = await this.#lab.watch({ impaired: { toBrowser, toServer: oneWay } })
    const { page, relay, session } = viewer
    try {
      const joinMs = Date.now()
      /** @type {LayerNote[]} */
      const layers = []
      session.on('layer', (event) => layers.push({ ...event, atMs: clockMs() }))
      const stopSampling = sampleServer(this.#publisher.session, session)
      await page.evaluate((ms) => globalThis.lab.startSampling(ms), PAGE_SAMPLE_MS)
      await relay.record()
      const best = this.#encodings.at(-1).rid
      const isThere = await holdsWithin(BEST_MS, () => layers.at(-1)?.rid === best)
      if (isThere) await sleep(SETTLE_MS)

      const load = watchLoad()
      const wideMs = Date.now()
      await sleep(seconds * 1000)
      const dropMs = await relay.change({ bandwidthBps: path.narrowBps })
      await sleep(seconds * 1000)
      const returnMs = await relay.change({ bandwidthBps: path.wideBps })
      await sleep(seconds * 1000)
      const endMs = Date.now()

      const { samples, frames } = await page.evaluate(() => globalThis.lab.take())
      return {
        path,
        rids: this.#encodings.map(({ rid }) => rid),
        joinMs,
        marks: { wideMs, dropMs, returnMs, endMs },
        page: samples,
        frames,
        server: await stopSampling(),
        layers,
        relay: await relay.recorded(),
        load: load(),
      }
    } finally {
      await this.#lab.leave(viewer)
    }
  }

  async close() {
    await this.#lab.close()
    await this.#broadcast.close()
  }
}

async function allFlow(session, encodings) {
  const layers = ((await session.stats())?.ingest?.layers ?? []).filter(({ kind }) => kind === 'video')
  return (
    layers.length === encodings.length &&
    layers.every(({ rid, bitrateBps }) => bitrateBps > encodings.find((one) => one.rid === rid).maxBitrate * 0.7)
  )
}

/** The clock of the pages and of the relay. */
function clockMs() {
  return performance.timeOrigin + performance.now()
}

/** Asks both sessions again and again; the function that it returns ends that. */
function sampleServer(publisher, viewer) {
  /** @type {ServerSample[]} */
  const samples = []
  let isOver = false
  const sampling = (async () => {
    while (!isOver) {
      const [sent, received] = await Promise.all([viewer.stats(), publisher.stats()])
      const track = sent?.egress?.tracks.find(({ kind }) => kind === 'video')
      const layers = received?.ingest?.layers.filter(({ kind }) => kind === 'video') ?? []
      samples.push({
        atMs: clockMs(),
        estimatedBps: sent?.egress?.estimatedBps,
        sentBytes: track?.bytesSent ?? 0,
        pacing: sent?.egress?.pacing,
        layerBytes: Object.fromEntries(layers.map(({ rid, bytesReceived }) => [rid, bytesReceived])),
      })
      await sleep(SERVER_SAMPLE_MS)
    }
  })()
  return async () => {
    isOver = true
    await sampling
    return samples
  }
}
