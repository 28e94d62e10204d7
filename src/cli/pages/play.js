/** The page of a recording: its files, one behind the other. */
import { accessToken, broadcastName, durationText, element, fetchJson, showError } from './page.js'

const id = broadcastName()
const video = element('video')
let files = []
let playing = -1

/** A player cannot set headers, so the token goes into the address. */
function addressOf({ file }) {
  const token = accessToken()
  return `/recordings/${file}${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`
}

function show(index) {
  playing = index
  video.src = addressOf(files[index])
  element('file').textContent = `${index + 1} of ${files.length}`
  for (const [at, item] of [...element('list').children].entries()) {
    item.dataset.state = at === index ? 'live' : 'idle'
  }
}

function row({ file, durationMs }, index) {
  const item = document.createElement('li')
  const title = document.createElement('strong')
  title.textContent = file
  const long = document.createElement('span')
  long.className = 'count'
  long.textContent = durationText([{ durationMs }])
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Play'
  button.addEventListener('click', () => {
    show(index)
    void video.play().catch(() => {})
  })
  item.append(title, long, button)
  return item
}

async function load() {
  const recording = await fetchJson(`/api/recordings/${id}`)
  if (recording === null) showError('This recording is only for who has a token for it: add #token=... to the address.')
  else if (recording === undefined) showError('There is no such recording, or the server does not answer.')
  else {
    files = recording.files
    element('name').textContent = recording.broadcast
    document.title = `${recording.broadcast} · manycast`
    element('when').textContent = new Date(recording.startedAt).toLocaleString()
    element('long').textContent = durationText(files)
    element('list').replaceChildren(...files.map(row))
    element('list').hidden = files.length < 2
    if (files.length > 0) show(0)
    else showError('Nothing has been recorded yet.')
  }
}

video.addEventListener('ended', () => {
  document.body.dataset.state = playing + 1 < files.length ? 'idle' : 'closed'
  if (playing + 1 >= files.length) return
  show(playing + 1)
  void video.play().catch(() => {})
})
video.addEventListener('playing', () => {
  document.body.dataset.state = 'live'
  showError()
})
video.addEventListener('error', () => showError('This browser cannot play the file, or it is not there any more.'))
void load()
