import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { DEFAULT_ENGINE_CONFIG } from '../../../src/engine/engine-config.js'
import { Shard } from '../../../src/engine/shard.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const WARM_UP = 50
const VIEWERS = 400
/** A tenth more than it was when this was written; an offer and an answer that are kept are more than that. */
const CASES = [
  { client: 'chromium-view', maxBytes: 40_000 },
  { client: 'pion-view', maxBytes: 47_000 },
]

/** What is live, in JavaScript's heap and in its buffers. */
async function liveBytes(): Promise<number> {
  // What finalizers let go of needs a turn of the event loop and another collection.
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The offer of another client of that kind. */
function offerOf(client: string, i: number): string {
  const text = readFileSync(new URL(`../../fixtures/offers/${client}.sdp`, import.meta.url), 'utf8')
  const password = `${i}`.padEnd(24, 'p')
  return text.replace(/a=ice-ufrag:\S+/g, `a=ice-ufrag:u${i}aa`).replace(/a=ice-pwd:\S+/g, `a=ice-pwd:${password}`)
}

test.each(CASES)(
  'a viewer with the offer of $client holds a bounded amount of memory, and gives it back',
  async ({ client, maxBytes }) => {
    const listener = { onPeerState: () => {}, onLayer: () => {}, onSpeech: () => {} }
    const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }
    const shard = await Shard.open({ index: 0, config, listener })
    try {
      const add = async (from: number, to: number): Promise<void> => {
        for (let i = from; i < to; i++) {
          await shard.addViewer({ peerId: `${i}`, broadcastId: 'b', offer: offerOf(client, i), feeds: [] })
        }
      }
      await add(0, WARM_UP)
      const before = await liveBytes()
      await add(WARM_UP, WARM_UP + VIEWERS)
      const perViewer = ((await liveBytes()) - before) / VIEWERS
      expect(perViewer).toBeLessThan(maxBytes)
      expect(perViewer, 'something is measured').toBeGreaterThan(5000)
      for (let i = WARM_UP; i < WARM_UP + VIEWERS; i++) await shard.closePeer(`${i}`, 'closed')
      const left = ((await liveBytes()) - before) / VIEWERS
      expect(left).toBeLessThan(4000)
    } finally {
      await shard.close()
    }
  },
)
