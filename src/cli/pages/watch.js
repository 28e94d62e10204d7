/** The watch page: the picture from the server, for as long as the page is open. */
import { watch } from '/client/index.js'
import { showFigures } from './figures.js'
import { accessToken, broadcastName, element, failureText, showError, showState, showViewers } from './page.js'

/** Without a new frame for so long there is no publisher any more, or it has paused. */
const STALLED_MS = 2500

const name = broadcastName()
const [video, unmute, fullscreen, startButton, stopButton] = ['video', 'unmute', 'fullscreen', 'start', 'stop'].map(
  element,
)

let viewer

function start() {
  viewer = watch(video, `/whep/${name}`, { token: accessToken, serverEvents: true })
  showButtons(true)
  showState('connecting', 'Connecting')
  viewer.on('state', (state, error) => {
    if (state === 'closed') stopped(error)
    else if (state === 'reconnecting') failed(error)
  })
  viewer.on('retry', failed)
  void showStats(viewer)
}

function failed(error) {
  showState('failed', 'Trying again soon')
  showError(failureText(error))
  showFigures()
}

function stopped(error) {
  const isWanted = error.code === 'closed' && error.status === undefined
  showState(isWanted ? 'closed' : 'failed', isWanted ? 'You have stopped watching' : 'Not connected')
  showError(isWanted ? '' : failureText(error))
  showFigures()
  showButtons(false)
  unmute.hidden = true
  fullscreen.hidden = true
}

/** Live while frames come, waiting while they do not. */
let lastFrames = 0
let lastFrameMs = Number.NEGATIVE_INFINITY
function look() {
  if (viewer.state !== 'connected') return
  const nowMs = performance.now()
  const frames = video.getVideoPlaybackQuality().totalVideoFrames
  // A hidden page draws nothing, which says nothing about the publisher.
  if (frames !== lastFrames || document.visibilityState !== 'visible') lastFrameMs = nowMs
  lastFrames = frames
  const isLive = nowMs - lastFrameMs < STALLED_MS && frames > 0
  if (document.body.dataset.state === (isLive ? 'live' : 'waiting')) return
  showError()
  if (isLive) {
    showState('live')
    fullscreen.hidden = !document.fullscreenEnabled
    showUnmute()
  } else {
    showState('waiting', 'Waiting for the publisher')
    showFigures()
  }
}

async function showStats(mine) {
  for await (const stats of mine.stats()) showFigures(document.body.dataset.state === 'live' ? stats : undefined)
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
stopButton.addEventListener('click', () => viewer.close())
unmute.addEventListener('click', () => viewer.unmute().catch(() => {}))
video.addEventListener('volumechange', showUnmute)
fullscreen.addEventListener('click', () => video.requestFullscreen().catch(() => {}))
// The client mutes it again where the browser does not allow sound.
video.muted = false
setInterval(look, 100)
showViewers(name)
start()
