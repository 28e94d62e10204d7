/**
 * How long a viewer waits for its first picture: from the POST of its offer to the first frame that is shown, in a real Chromium, while
 * a fake camera publishes in another one. `npm run bench:first-frame -- [joins]`. Prints the median and the worst, and how often the
 * publisher was asked for a keyframe.
 */
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { findOrInstallBrowser } from '../../.ci/find-browser.mjs'
import { Sfu } from '../../dist/index.js'
import { nodeHttp, whipWhep } from '../../dist/signaling/index.js'

const joins = Number(process.argv[2] ?? 20)
const PAUSE_MS = 800

const sfu = new Sfu({ listenIps: '127.0.0.1' })
const handle = nodeHttp(whipWhep(sfu))
const server = createServer((request, response) => {
  if (request.url !== '/') return handle(request, response)
  response.setHeader('Content-Type', 'text/html')
  response.end('<!doctype html><title>bench</title><video autoplay muted playsinline></video>')
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/`

const browser = await chromium.launch({
  executablePath: findOrInstallBrowser(),
  args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
})
try {
  await (await openPage()).evaluate(publish)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const times = []
  for (let i = 0; i < joins; i++) {
    const page = await openPage()
    times.push(await page.evaluate(watch))
    await page.context().close()
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const { sessions } = await sfu.broadcast('live').stats()
  const publisher = sessions.find(({ role }) => role === 'publisher')
  times.sort((a, b) => a - b)
  const at = (q) => Math.round(times[Math.min(times.length - 1, Math.floor(q * times.length))])
  const result = {
    joins,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    maxMs: at(1),
    keyframeRequestsSent: publisher?.ingest?.keyframeRequestsSent,
  }
  console.log(JSON.stringify(result))
} finally {
  await browser.close()
  await sfu.close()
  server.close()
  server.closeAllConnections()
}

async function openPage() {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Runs in the publisher's page. */
async function publish() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } })
  const connection = new RTCPeerConnection()
  globalThis.connection = connection
  for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] })
  await connection.setLocalDescription()
  const headers = { 'Content-Type': 'application/sdp' }
  const response = await fetch('/whip/live', { method: 'POST', headers, body: connection.localDescription.sdp })
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() })
}

/** Runs in the viewer's page; resolves with the milliseconds to the first frame. */
async function watch() {
  const connection = new RTCPeerConnection()
  globalThis.connection = connection
  const video = document.querySelector('video')
  video.srcObject = new MediaStream()
  connection.addEventListener('track', ({ track }) => video.srcObject.addTrack(track))
  for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' })
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(performance.now())))
  await connection.setLocalDescription()
  const startMs = performance.now()
  const headers = { 'Content-Type': 'application/sdp' }
  const response = await fetch('/whep/live', { method: 'POST', headers, body: connection.localDescription.sdp })
  await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  return (await shown) - startMs
}
