/** A browser publishes three layers to one server, and another one watches them on the next, which pulls them. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import { nodeHttp, whipWhep } from '../../src/signaling/index.js'
import { launchChromium } from '../support/browser.js'
import { Lab, type LabPeer, SIMULCAST } from '../support/lab/lab.mjs'
import { waitFor } from '../support/wait-for.js'

// Other work on the machine is no reason to send nobody anything.
const OPTIONS = { workers: 0, listenIps: '127.0.0.1', overload: false, minEstimateBps: 5_000_000 } as const
const origin = new Broadcast(OPTIONS)
const edge = new Broadcast(OPTIONS)
let browser: Browser
let server: Server
let labs: Lab[] = []

beforeAll(async () => {
  browser = await launchChromium()
  labs = [await Lab.open(browser, origin), await Lab.open(browser, edge)]
  server = createServer(nodeHttp(whipWhep(origin)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  for (const lab of labs) await lab.close()
  await browser?.close()
  await Promise.all([origin.close(), edge.close()])
  server?.closeAllConnections()
  server?.close()
})

interface Received {
  readonly frameHeight?: number
}

async function heightAt({ page }: LabPeer): Promise<number> {
  const { video } = await page.evaluate(() =>
    (globalThis as unknown as { lab: { received(): Promise<{ video?: Received }> } }).lab.received(),
  )
  return video?.frameHeight ?? 0
}

/** Which layers the origin holds back from the relay, the smallest first. */
async function pausedLayers(): Promise<unknown[]> {
  const tracks = (await origin.viewers[0]?.stats())?.egress?.tracks ?? []
  return tracks.flatMap((track) => (track.kind === 'video' ? [track.paused === true] : []))
}

it('brings all layers to the edge, once, and those that nobody takes there are paused', {
  timeout: 240_000,
}, async () => {
  const [first, second] = labs as [Lab, Lab]
  const publisher = await first.publish({ encodings: SIMULCAST })
  const layersOf = async () => (await publisher.session.stats())?.ingest?.layers ?? []
  await waitFor('all three layers arrive', async () => (await layersOf()).length === 3, 60_000)

  const relay = edge.pull(`http://127.0.0.1:${(server.address() as AddressInfo).port}/whep/any`)
  await relay.whenConnected()
  const viewer = await second.watch({})
  await waitFor('the best layer', async () => (await heightAt(viewer)) === 720, 90_000)
  expect(origin.viewers).toHaveLength(1)
  await waitFor('the others are paused', async () => (await pausedLayers()).join() === 'true,true,false', 30_000)

  await edge.viewers[0]?.preferLayer({ maxHeight: 200 })
  await waitFor('the smallest layer', async () => (await heightAt(viewer)) === 180, 60_000)
  await waitFor('only that is sent', async () => (await pausedLayers()).join() === 'false,true,true', 30_000)

  await edge.viewers[0]?.preferLayer(undefined)
  await waitFor('the best layer again', async () => (await heightAt(viewer)) === 720, 60_000)
  expect((await relay.stats()).connections).toBe(1)
})
