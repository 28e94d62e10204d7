/** A node in this process: an Sfu behind its WHIP and WHEP endpoints, on real sockets. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Broadcast, Sfu, type SfuOptions } from '../../src/index.js'
import { nodeHttp, type WhipWhepOptions, whipWhep } from '../../src/signaling/index.js'
import type { TestPublisherOptions, TestViewerOptions } from '../../src/testing/index.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from './broadcast-scene.js'

/** See the top of the file. */
export interface RelayNode {
  readonly sfu: Sfu
  /** Its broadcast `show`. */
  readonly show: Broadcast
  /** Where that is watched and published. */
  readonly whep: string
  readonly whip: string
  close(): Promise<void>
}

/** Starts a node. */
export async function relayNode(options: SfuOptions = {}, adapter: WhipWhepOptions = {}): Promise<RelayNode> {
  // Other work on the machine is no reason to send or to take less.
  const sfu = new Sfu({ ...TEST_OPTIONS, overload: false, minEstimateBps: 5_000_000, ...options })
  const server = createServer(nodeHttp(whipWhep(sfu, adapter)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    sfu,
    show: sfu.broadcast('show'),
    whep: `${base}/whep/show`,
    whip: `${base}/whip/show`,
    async close() {
      await sfu.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Nodes and peers that end with the test, the newest first. */
export class RelayStage {
  readonly #closers: (() => Promise<unknown>)[] = []

  async node(options?: SfuOptions, adapter?: WhipWhepOptions): Promise<RelayNode> {
    const node = await relayNode(options, adapter)
    this.#closers.push(() => node.close())
    return node
  }

  async publisher(broadcast: Broadcast, options?: TestPublisherOptions) {
    const publisher = await joinPublisher(broadcast, options)
    this.#closers.push(() => publisher.close())
    return publisher
  }

  async viewer(broadcast: Broadcast, options?: TestViewerOptions) {
    const viewer = await joinViewer(broadcast, {}, options)
    this.#closers.push(() => viewer.close())
    return viewer
  }

  /** Ends something else with the test. */
  later(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
  }
}
