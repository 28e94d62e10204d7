/** The landing page: what is on, and the way to publish or to watch. */
import { copyOnClick, element, fetchJson, showError } from './page.js'

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

function row({ name, live, viewers }) {
  const item = document.createElement('li')
  item.dataset.name = name
  item.dataset.state = live ? 'live' : 'waiting'
  const title = document.createElement('strong')
  title.textContent = name
  const badge = document.createElement('span')
  badge.className = 'badge'
  const dot = document.createElement('i')
  dot.className = 'dot'
  badge.append(dot, live ? 'Live' : 'Waiting')
  const count = document.createElement('span')
  count.className = 'count'
  count.textContent = viewers === 1 ? '1 viewer' : `${viewers} viewers`
  const link = document.createElement('a')
  link.className = 'button'
  link.href = `/watch/${name}${location.hash}`
  link.textContent = 'Watch'
  link.setAttribute('aria-label', `Watch ${name}`)
  item.append(title, badge, count, link)
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

document.addEventListener('visibilitychange', refresh)
setInterval(refresh, 2000)
void refresh()
