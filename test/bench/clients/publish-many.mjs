/** Publishes to several WHIP endpoints from a process of its own, until it is ended: `publish-many.mjs <bits per second> <url>...`. */
import { testPublisher } from '../../../dist/testing/index.js'

const [bitrate, ...urls] = process.argv.slice(2)
const headers = { 'content-type': 'application/sdp' }

await Promise.all(
  urls.map((url) =>
    testPublisher(async (body) => (await fetch(url, { method: 'POST', headers, body })).text(), {
      video: { width: 1280, height: 720, bitrateBps: Number(bitrate) },
    }),
  ),
)
process.stdout.write('publishing\n')
setInterval(() => {}, 60_000)
