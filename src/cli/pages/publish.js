/** The publish page: camera, screen or test picture to the server. */
import { publish } from '/client/index.js'
import { CaptureError, capture, defaultSource } from './capture.js'
import { showFigures } from './figures.js'
import {
  accessToken,
  broadcastName,
  copyOnClick,
  element,
  failureText,
  showError,
  showState,
  showViewers,
} from './page.js'

const name = broadcastName()
const [startButton, stopButton, source, video] = ['start', 'stop', 'source', 'video'].map(element)
const watchUrl = new URL(`/watch/${name}`, location.href).href

/** Ends what is going on, and says why. */
let finish = () => {}

function enable(running) {
  startButton.disabled = running
  stopButton.disabled = !running
  source.disabled = running
}

async function start() {
  let isOver = false
  const closers = []
  finish = (state, hint, error) => {
    if (isOver) return
    isOver = true
    for (const close of closers) close()
    video.srcObject = null
    showFigures()
    enable(false)
    showState(state, hint)
    showError(error)
  }
  enable(true)
  showError()
  showState('connecting', 'Waiting for the picture')
  try {
    const media = await capture(source.value, name)
    if (isOver) return media.stop()
    closers.push(media.stop)
    video.srcObject = media.stream
    for (const track of media.stream.getTracks()) {
      track.addEventListener('ended', () => finish('closed', 'The source has ended.'))
    }
    const publisher = publish(media.stream, `/whip/${name}`, { token: accessToken, serverEvents: true })
    closers.push(() => publisher.close())
    follow(publisher)
  } catch (error) {
    finish('failed', 'Not connected', error instanceof CaptureError ? error.message : failureText(error))
  }
}

function follow(publisher) {
  publisher.on('state', (state, error) => {
    if (state === 'connected') {
      showState('connected')
      showError()
    } else if (state === 'closed') finish('failed', 'Not connected', endText(error))
    else away(error)
  })
  publisher.on('retry', away)
  void showStats(publisher)
}

function away(error) {
  showState('failed', 'Trying again soon')
  showError(failureText(error))
  showFigures()
}

async function showStats(publisher) {
  for await (const stats of publisher.stats()) {
    if (document.body.dataset.state === 'connected' && stats.layers[0]?.framesPerSecond > 0) showState('live')
    showFigures(stats)
  }
}

function endText(error) {
  return error.code === 'ended'
    ? 'The server ended the session: somebody else may have taken over this broadcast.'
    : failureText(error)
}

element('name').textContent = name
document.title = `Publish ${name} · manycast`
element('link').textContent = watchUrl
element('link').href = watchUrl
copyOnClick(element('copy'), () => watchUrl)
startButton.addEventListener('click', start)
stopButton.addEventListener('click', () => finish('closed', 'You have stopped.'))
showViewers(name)
showState('idle', 'Your picture appears here once you start.')
let chosen = false
source.addEventListener('change', () => {
  chosen = true
})
void defaultSource().then((value) => {
  if (!chosen) source.value = value
})
