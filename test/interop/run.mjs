/**
 * Every client that is installed here publishes to `manycast serve`, and every one that can view watches it. Prints tables; the exit code is 1 if
 * one saw too little. Arguments are parts of names: only pairs with one of those clients are run.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { aiortc } from './clients/aiortc.mjs'
import { chromium, eyevinn } from './clients/chromium.mjs'
import { firefox } from './clients/firefox.mjs'
import { gstreamer } from './clients/gstreamer.mjs'
import { namespaceAddress } from './in-namespace.mjs'
import { startPageServer } from './page-server.mjs'
import { startServer } from './start-server.mjs'
import { clientTable, pairLine, pairTable } from './tables.mjs'

const VIEW_MS = 5000
/** Fifteen a second; the slowest of these cameras makes twenty. */
const ENOUGH_FRAMES = 75
const ENOUGH_AUDIO_SECONDS = 2.5

const NO_NAMESPACE = 'its ICE leaves loopback out, and this machine gives us no network namespace (unshare, ip)'
const CLIENTS = [chromium, firefox, gstreamer, aiortc, eyevinn]

const only = process.argv.slice(2).map((name) => name.toLowerCase())
const isWanted = (...names) =>
  only.length === 0 || names.some((name) => only.some((part) => name.toLowerCase().includes(part)))

await run()

/** All pairs, and the tables. */
async function run() {
  const server = await startServer()
  const page = await startPageServer()
  const clients = []
  const missing = []
  const pairs = []
  try {
    for (const { name, missing: reason, needsNamespace, open } of CLIENTS) {
      const why = reason() ?? (needsNamespace && namespaceAddress === undefined ? NO_NAMESPACE : undefined)
      if (why !== undefined) {
        missing.push({ name, why })
        continue
      }
      try {
        clients.push({ name, client: await open({ pageUrl: page.url }) })
      } catch (error) {
        pairs.push({ publisher: name, viewer: '-', ...failed(error) })
      }
    }
    for (const publisher of clients) await publishWith(publisher, clients, server.url, (pair) => pairs.push(pair))
  } finally {
    for (const { client } of clients) await client.close()
    page.close()
    await server.close()
  }
  console.log(`\n${clientTable(clients, missing)}\n\n${pairTable(pairs)}\n`)
  process.exitCode = pairs.length > 0 && pairs.every(({ passed }) => passed) ? 0 : 1
}

/** One publisher, and one viewer after the other. */
async function publishWith(publisher, clients, url, onPair) {
  const viewers = clients.filter(({ name, client }) => client.view !== undefined && isWanted(publisher.name, name))
  if (viewers.length === 0) return
  const name = `from-${clients.indexOf(publisher)}`
  const record = (viewer, result) => {
    const pair = { publisher: publisher.name, viewer, ...result }
    console.log(pairLine(pair))
    onPair(pair)
  }
  let stop
  try {
    stop = await withTimeout(publisher.client.publish(`${url}/whip/${name}`))
  } catch (error) {
    record('-', failed(error))
    return
  }
  for (const viewer of viewers) {
    try {
      const seen = await withTimeout(viewer.client.view(`${url}/whep/${name}`, VIEW_MS))
      record(viewer.name, {
        passed: seen.frames >= ENOUGH_FRAMES && seen.audioSeconds >= ENOUGH_AUDIO_SECONDS,
        seen,
      })
    } catch (error) {
      record(viewer.name, failed(error))
    }
  }
  await stop().catch((error) => record('-', failed(error)))
}

function withTimeout(promise) {
  const late = pause(60_000, undefined, { ref: false }).then(() => Promise.reject(new Error('nothing for a minute')))
  return Promise.race([promise, late])
}

function failed(error) {
  const text = error instanceof Error ? error.message : String(error)
  return { passed: false, failure: text.replaceAll(/\s+/g, ' ') }
}
