/** Real browsers around a broadcast: publishers with a fake camera and viewers, each in a page of its own, that note what they see. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { ImpairingRelay } from '../impairment/impairing-relay.mjs'

const SCRIPTS = ['page.js', 'frame-index.js']
const HTML =
  '<!doctype html><title>lab</title><video autoplay playsinline></video><script type="module" src="page.js"></script>'

/** Three layers, as conferencing applications ask for them. */
export const SIMULCAST = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', maxBitrate: 1_800_000 },
]

/**
 * @typedef {object} LabPeer
 * @property {import('playwright-core').Page} page
 * @property {import('../../../src/broadcast/session.js').Session} session
 * @property {ImpairingRelay | undefined} relay between the page and the server, where one was asked for
 */

export class Lab {
  #browser
  #broadcast
  #web
  /** @type {Set<LabPeer>} */
  #peers = new Set()

  /** @private */
  constructor(browser, broadcast, web) {
    this.#browser = browser
    this.#broadcast = broadcast
    this.#web = web
  }

  /**
   * @param {import('playwright-core').Browser} browser with fake devices; the caller closes it
   * @param {import('../../../src/broadcast/broadcast.js').Broadcast} broadcast on 127.0.0.1; the caller closes it
   */
  static async open(browser, broadcast) {
    const web = createServer((request, response) => {
      const script = SCRIPTS.find((name) => request.url === `/${name}`)
      response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
      response.end(script ? readFileSync(new URL(script, import.meta.url)) : HTML)
    })
    await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve))
    return new Lab(browser, broadcast, web)
  }

  /**
   * A page that publishes. Resolves when the answer is accepted.
   *
   * @param {object} [options]
   * @param {boolean} [options.audio]
   * @param {MediaTrackConstraints | boolean} [options.video]
   * @param {readonly RTCRtpEncodingParameters[]} [options.encodings] several for simulcast
   * @param {string} [options.codec] such as 'VP9', to offer no other for video
   * @param {boolean} [options.descriptor] to offer the dependency descriptor or not, whatever the browser would do
   * @returns {Promise<LabPeer>}
   */
  async publish({ audio = false, video = { width: 1280, height: 720 }, encodings, codec, descriptor } = {}) {
    const page = await this.#openPage()
    const wanted = { audio, video, encodings, codec, descriptor }
    const offer = await page.evaluate((options) => globalThis.lab.publish(options), wanted)
    const { sdp, session } = await this.#broadcast.addPublisher(offer)
    await page.evaluate((answer) => globalThis.lab.accept(answer), sdp)
    return this.#add({ page, session, relay: undefined })
  }

  /**
   * A page that watches. Resolves when the answer is accepted.
   *
   * @param {object} [options]
   * @param {boolean} [options.audio]
   * @param {boolean} [options.video]
   * @param {boolean} [options.readIndex] notes the number of each frame that is shown, of a film of ours
   * @param {boolean} [options.descriptor] to offer the dependency descriptor or not, whatever the browser would do
   * @param {Parameters<typeof ImpairingRelay.open>[1]} [options.impaired] the conditions of a relay in between
   * @returns {Promise<LabPeer>}
   */
  async watch({ audio = false, video = true, readIndex = false, descriptor, impaired } = {}) {
    const page = await this.#openPage()
    const wanted = { audio, video, readIndex, descriptor }
    const offer = await page.evaluate((options) => globalThis.lab.watch(options), wanted)
    const { sdp, session } = await this.#broadcast.addViewer(offer)
    const relay = impaired && (await ImpairingRelay.open(sdp, impaired))
    await page.evaluate((answer) => globalThis.lab.accept(answer), relay?.rewrite(sdp) ?? sdp)
    return this.#add({ page, session, relay })
  }

  /**
   * Two pages that are connected without a server, for comparison.
   *
   * @param {object} options as for `publish`
   * @returns {Promise<{ publisher: import('playwright-core').Page, viewer: import('playwright-core').Page }>}
   */
  async connectDirectly(options) {
    const [publisher, viewer] = [await this.#openPage(), await this.#openPage()]
    await publisher.evaluate((wanted) => globalThis.lab.publish(wanted), options)
    const offer = await publisher.evaluate(() => globalThis.lab.gathered())
    const answer = await viewer.evaluate((sdp) => globalThis.lab.watchDirectly(sdp), offer)
    await publisher.evaluate((sdp) => globalThis.lab.accept(sdp), answer)
    return { publisher, viewer }
  }

  /**
   * Ends the session, and closes the page and the relay.
   *
   * @param {LabPeer} peer
   */
  async leave(peer) {
    this.#peers.delete(peer)
    await peer.page.context().close()
    await peer.session.close()
    await peer.relay?.close()
  }

  /** Lets all publishers and viewers leave. */
  async everybodyLeaves() {
    await Promise.all([...this.#peers].map((peer) => this.leave(peer)))
  }

  /** The same, and closes the web server. */
  async close() {
    await this.everybodyLeaves()
    this.#web.close()
    this.#web.closeAllConnections()
  }

  #add(peer) {
    this.#peers.add(peer)
    return peer
  }

  async #openPage() {
    const context = await this.#browser.newContext({ permissions: ['camera', 'microphone'] })
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${this.#web.address().port}/`)
    return page
  }
}
