/** What all pages share: the state of the page, errors in words, the name in the address, a button that copies. */

/** The element of that id. */
export const element = (id) => document.getElementById(id)

/** The name of the broadcast, the last part of the address; its characters need no decoding. */
export function broadcastName() {
  return location.pathname.split('/').at(-1)
}

/**
 * The key or token in the fragment of the address, `#token=...`, which browsers keep to themselves; undefined if there is none.
 */
export function accessToken() {
  return new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined
}

const WORDS = {
  idle: 'Ready',
  connecting: 'Connecting',
  connected: 'Connected',
  waiting: 'Waiting',
  live: 'Live',
  failed: 'Failed',
  closed: 'Ended',
}

/** Shows a state; tests and styles read it from `data-state` of the body. */
export function showState(state, hint = '') {
  document.body.dataset.state = state
  element('state').textContent = WORDS[state]
  element('hint').textContent = hint
}

/** Shows what went wrong, or nothing. */
export function showError(text = '') {
  element('error').textContent = text
  element('error').hidden = text === ''
}

/** What a ClientError says to people. */
export function failureText({ code, status, message }) {
  if (code === 'unreachable') return 'The server cannot be reached.'
  if (code === 'ended') return 'The server ended the session.'
  if (code === 'lost') return 'The connection to the server is lost.'
  if (code === 'timeout') return 'The media do not get through. Is the media port of the server open for this machine?'
  return status === undefined ? `That did not work: ${message}` : `The server refused: ${message}`
}

/** Makes a button copy a text and say so. */
export function copyOnClick(button, text) {
  button.addEventListener('click', async () => {
    const label = button.textContent
    try {
      await navigator.clipboard.writeText(text())
      button.textContent = 'Copied'
    } catch {
      // Outside of HTTPS and localhost there is no clipboard.
      button.textContent = 'Select it and copy'
    }
    setTimeout(() => {
      button.textContent = label
    }, 1500)
  })
}

/** The JSON at a path of this server, null if it needs a token that is not there, or undefined when it cannot be had. */
export async function fetchJson(path) {
  const token = accessToken()
  try {
    const response = await fetch(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    if (response.status === 401 || response.status === 403) return null
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}

/** Shows how many watch, and whether it is being recorded, asked every two seconds while the page is visible. */
export function showViewers(name) {
  const ask = async () => {
    if (document.visibilityState !== 'visible') return
    const broadcast = await fetchJson(`/api/broadcasts/${name}`)
    element('viewers').textContent = String(broadcast?.viewers ?? '–')
    element('recording').hidden = !(broadcast?.recording ?? false)
  }
  setInterval(ask, 2000)
  document.addEventListener('visibilitychange', ask)
  void ask()
}

/** How long the files of a recording are together, such as `1:02:03`. */
export function durationText(files) {
  const seconds = Math.round(files.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}
