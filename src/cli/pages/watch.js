/** The watch page: the picture from the server, for as long as the page is open. */
import { broadcastName, element, showError, showState, showViewers } from './page.js'
import { showFigures, watchStats } from './stats.js'
import { onConnectionEnd, openSession, RefusedError } from './whip-client.js'

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
/** Without a new frame for so long there is no publisher any more, or it has paused. */
const STALLED_MS = 2500

const name = broadcastName()
const [video, unmute, fullscreen, startButton, stopButton] = ['video', 'unmute', 'fullscreen', 'start', 'stop'].map(
  element,
)

let end = () => {}
let attempt = 0
let retryMs = FIRST_RETRY_MS
let retryTimer

async function start() {
  end()
  const mine = ++attempt
  const closers = []
  const stopped = () => mine !== attempt
  end = () => {
    attempt++
    clearTimeout(retryTimer)
    for (const close of closers.splice(0)) close()
    showFigures(undefined)
  }
  showButtons(true)
  if (document.body.dataset.state !== 'failed') showState('connecting', 'Connecting')
  try {
    const connection = new RTCPeerConnection()
    let release = () => connection.close()
    closers.push(() => release())
    receive(connection)
    const session = await openSession(connection, `/whep/${name}`)
    if (stopped()) return session.close()
    release = () => session.close()
    onConnectionEnd(connection, (how) => {
      if (how === 'ended') release = () => session.abandon()
      if (!stopped()) retry(lostText(how))
    })
    closers.push(watchStats(connection, 'inbound-rtp', (stats) => stopped() || showStats(connection, stats)))
    closers.push(watchFrames(connection, stopped))
  } catch (error) {
    if (!stopped()) retry(refusalText(error), error.retryAfterMs)
  }
}

function receive(connection) {
  const stream = new MediaStream()
  connection.addEventListener('track', ({ track }) => stream.addTrack(track))
  for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' })
  // A video that waits for its first frame holds up the load event of the page, which may be a long time here.
  if (document.readyState === 'complete') video.srcObject = stream
  else addEventListener('load', () => setTimeout(() => showStream(connection, stream)), { once: true })
}

function showStream(connection, stream) {
  if (connection.connectionState !== 'closed') video.srcObject = stream
}

/** Live while frames come, waiting while they do not. Returns the way to stop. */
function watchFrames(connection, stopped) {
  let lastFrames = framesShown()
  let lastFrameMs = Number.NEGATIVE_INFINITY
  const look = () => {
    if (stopped() || connection.connectionState !== 'connected') return
    const nowMs = performance.now()
    const frames = framesShown()
    // A hidden page draws nothing, which says nothing about the publisher.
    if (frames !== lastFrames || document.visibilityState !== 'visible') lastFrameMs = nowMs
    lastFrames = frames
    if (nowMs - lastFrameMs < STALLED_MS && frames > 0) showLive()
    else showWaiting()
  }
  const timer = setInterval(look, 100)
  connection.addEventListener('connectionstatechange', look)
  look()
  return () => clearInterval(timer)
}

function framesShown() {
  return video.getVideoPlaybackQuality().totalVideoFrames
}

function showLive() {
  if (document.body.dataset.state === 'live') return
  retryMs = FIRST_RETRY_MS
  showError()
  showState('live')
  fullscreen.hidden = !document.fullscreenEnabled
  showUnmute()
}

function showWaiting() {
  if (document.body.dataset.state === 'waiting') return
  retryMs = FIRST_RETRY_MS
  showError()
  showState('waiting', 'Waiting for the publisher')
  showFigures(undefined)
}

function showStats(connection, stats) {
  if (connection.connectionState !== 'connected') return
  showFigures(document.body.dataset.state === 'live' ? stats : undefined)
}

function retry(reason, afterMs = retryMs) {
  end()
  showState('failed', 'Trying again soon')
  showError(reason)
  showButtons(true)
  retryTimer = setTimeout(start, afterMs)
  retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
}

function lostText(how) {
  return how === 'ended'
    ? 'The server ended the session.'
    : 'The connection to the server is lost. Is its UDP port open for this machine?'
}

function refusalText(error) {
  if (error instanceof RefusedError) return `The server refused: ${error.message}`
  if (error instanceof TypeError) return 'The server cannot be reached.'
  return `That did not work: ${error.message}`
}

function showButtons(watching) {
  startButton.hidden = watching
  stopButton.hidden = !watching
}

function showUnmute() {
  unmute.hidden = !video.muted || document.body.dataset.state === 'closed'
}

element('name').textContent = name
document.title = `Watch ${name} · manycast`
startButton.addEventListener('click', start)
stopButton.addEventListener('click', () => {
  end()
  video.srcObject = null
  showError()
  showState('closed', 'You have stopped watching')
  showButtons(false)
  unmute.hidden = true
  fullscreen.hidden = true
})
unmute.addEventListener('click', () => {
  video.muted = false
  video.play().catch(() => {})
})
video.addEventListener('volumechange', showUnmute)
fullscreen.addEventListener('click', () => video.requestFullscreen().catch(() => {}))
addEventListener('online', () => {
  if (document.body.dataset.state === 'failed') void start()
})
// Back from the browser's page cache, the connection of before is gone.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) void start()
})
showViewers(name)
void start()
