/** The landing page: what is on, and the way to publish or to watch. */
import { copyOnClick, durationText, element, fetchJson, showError } from './page.js'

const NAME = /^[A-Za-z0-9._~-]{1,128}$/

const nameField = element('name')

function open(page) {
  const name = nameField.value.trim()
  if (!NAME.test(name) || name === '.' || name === '..') {
    showError('A name has up to 128 letters, digits, dots, hyphens, underscores or tildes.')
    nameField.focus()
    return
  }
  location.assign(`/${page}/${name}${location.hash}`)
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault()
  open('publish')
})
element('watch').addEventListener('click', () => open('watch'))

function showEndpoints() {
  const name = NAME.test(nameField.value.trim()) ? nameField.value.trim() : 'main'
  for (const protocol of ['whip', 'whep']) element(protocol).textContent = `${location.origin}/${protocol}/${name}`
}
nameField.addEventListener('input', () => {
  showError()
  showEndpoints()
})
showEndpoints()
for (const protocol of ['whip', 'whep']) copyOnClick(element(`copy-${protocol}`), () => element(protocol).textContent)

function part(tag, className, text) {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.textContent = text
  return made
}

function badge(text, state = '') {
  const made = part('span', 'badge', '')
  made.dataset.state = state
  made.append(part('i', 'dot', ''), text)
  return made
}

function linkTo(href, text, label) {
  const link = part('a', 'button', text)
  link.href = `${href}${location.hash}`
  link.setAttribute('aria-label', label)
  return link
}

function row({ name, live, viewers, recording }) {
  const item = document.createElement('li')
  item.dataset.name = name
  const state = live ? 'live' : 'waiting'
  item.dataset.state = state
  const count = part('span', 'count', viewers === 1 ? '1 viewer' : `${viewers} viewers`)
  const badges = [badge(live ? 'Live' : 'Waiting', state), ...(recording ? [badge('Recording', 'recording')] : [])]
  item.append(part('strong', '', name), ...badges, count, linkTo(`/watch/${name}`, 'Watch', `Watch ${name}`))
  return item
}

function recordingRow({ id, broadcast, state, startedAt, files }) {
  const item = document.createElement('li')
  item.dataset.recording = id
  const when = part('span', 'count', new Date(startedAt).toLocaleString())
  const badges = state === 'recording' ? [badge('Recording', 'recording')] : []
  const long = part('span', 'count', durationText(files))
  const link = linkTo(`/play/${id}`, 'Play', `Play the recording of ${broadcast}`)
  link.hidden = files.length === 0
  item.append(part('strong', '', broadcast), ...badges, when, long, link)
  return item
}

let shown = ''

async function refresh() {
  if (document.visibilityState !== 'visible') return
  const broadcasts = await fetchJson('/api/broadcasts')
  if (broadcasts === undefined) {
    showError('The server does not answer.')
    return
  }
  if (broadcasts === null) {
    showError('The server shows the list only to who has a token for it: add #token=... to the address.')
    return
  }
  if (element('error').textContent.startsWith('The server')) showError()
  const key = JSON.stringify(broadcasts)
  // Rebuilt only when something changed, so that the focus stays where it is.
  if (key === shown) return
  shown = key
  element('list').replaceChildren(...broadcasts.map(row))
  element('empty').hidden = broadcasts.length > 0
}

let shownRecordings = ''

/** The list is there where the server records. */
async function refreshRecordings() {
  if (document.visibilityState !== 'visible') return
  const recordings = (await fetchJson('/api/recordings')) ?? []
  const key = JSON.stringify(recordings)
  if (key === shownRecordings) return
  shownRecordings = key
  element('recording-list').replaceChildren(...recordings.map(recordingRow))
  element('recordings').hidden = recordings.length === 0
}

document.addEventListener('visibilitychange', refresh)
document.addEventListener('visibilitychange', refreshRecordings)
setInterval(refresh, 2000)
setInterval(refreshRecordings, 5000)
void refresh()
void refreshRecordings()
