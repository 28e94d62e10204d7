/** The publish page: camera, screen or test picture to the server. */
import { CaptureError, capture, defaultSource } from './capture.js'
import { broadcastName, copyOnClick, element, showError, showState, showViewers } from './page.js'
import { showFigures, watchStats } from './stats.js'
import { onConnectionEnd, openSession, RefusedError } from './whip-client.js'

const name = broadcastName()
const [startButton, stopButton, source, video] = ['start', 'stop', 'source', 'video'].map(element)
const watchUrl = new URL(`/watch/${name}`, location.href).href

/** What is going on: the way to end all of it. */
let end = () => {}
/** Counts the starts, so that what an abandoned one still does is ignored. */
let attempt = 0

function enable(running) {
  startButton.disabled = running
  stopButton.disabled = !running
  source.disabled = running
}

async function start() {
  end()
  const mine = ++attempt
  const closers = []
  const stopped = () => mine !== attempt
  end = () => {
    attempt++
    for (const close of closers.splice(0)) close()
    video.srcObject = null
    showFigures(undefined)
    enable(false)
  }
  enable(true)
  showError()
  showState('connecting', 'Waiting for the picture')
  try {
    const media = await capture(source.value, name)
    if (stopped()) return media.stop()
    closers.push(media.stop)
    video.srcObject = media.stream
    const connection = new RTCPeerConnection()
    let release = () => connection.close()
    closers.push(() => release())
    for (const track of media.stream.getTracks()) {
      connection.addTransceiver(track, { direction: 'sendonly', streams: [media.stream] })
      track.addEventListener('ended', () => stopped() || finish('closed', 'The source has ended.'))
    }
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'connected' && !stopped()) showState('connected')
    })
    const session = await openSession(connection, `/whip/${name}`)
    if (stopped()) return session.close()
    release = () => session.close()
    onConnectionEnd(connection, (how) => {
      if (how === 'ended') release = () => session.abandon()
      if (!stopped()) lost(how)
    })
    closers.push(watchStats(connection, 'outbound-rtp', (stats) => stopped() || showStats(connection, stats)))
  } catch (error) {
    if (!stopped()) fail(error)
  }
}

function showStats(connection, stats) {
  if (connection.connectionState !== 'connected') return
  if (stats.frames > 0 && document.body.dataset.state !== 'live') showState('live')
  showFigures(stats)
}

function finish(state, hint) {
  end()
  showState(state, hint)
}

function lost(how) {
  finish('failed', 'Not connected')
  showError(
    how === 'ended'
      ? 'The server ended the session: somebody else may have taken over this broadcast, or the server was stopped.'
      : 'The connection to the server is lost. Is its UDP port open for this machine?',
  )
}

function fail(error) {
  finish('failed', 'Not connected')
  if (error instanceof CaptureError) showError(error.message)
  else if (error instanceof RefusedError) showError(`The server refused: ${error.message}`)
  else if (error instanceof TypeError) showError('The server cannot be reached.')
  else showError(`That did not work: ${error.message}`)
}

element('name').textContent = name
document.title = `Publish ${name} · manycast`
element('link').textContent = watchUrl
element('link').href = watchUrl
copyOnClick(element('copy'), () => watchUrl)
startButton.addEventListener('click', start)
stopButton.addEventListener('click', () => finish('closed', 'You have stopped.'))
showViewers(name)
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) finish('closed', 'Leaving the page has ended the broadcast.')
})
showState('idle', 'Your picture appears here once you start.')
let chosen = false
source.addEventListener('change', () => {
  chosen = true
})
void defaultSource().then((value) => {
  if (!chosen) source.value = value
})
