/** How the dashboard talks to its server: the admin key, the figures, and what the buttons do. */

const KEY = 'manycast.adminKey'

/** Remembers the admin key until the tab is closed; an empty one is forgotten. */
export function rememberKey(key) {
  if (key === '') sessionStorage.removeItem(KEY)
  else sessionStorage.setItem(KEY, key)
}

/** Whether a key was given. */
export function hasKey() {
  return sessionStorage.getItem(KEY) !== null
}

/** The server refuses: there is no key, or a wrong one. */
export class AccessError extends Error {}

/** The newest figures; see `docs/dashboard.md`. Rejects with an AccessError, or with what else went wrong. */
export async function fetchData(parameters) {
  const response = await ask(`/dashboard/data?${new URLSearchParams(parameters)}`, 'GET')
  return response.json()
}

/** Ends a session. */
export async function kick(id) {
  await ask(`/dashboard/api/sessions/${encodeURIComponent(id)}`, 'DELETE')
}

/** Takes no more sessions, and lets those that there are go. */
export async function drain() {
  await ask('/dashboard/api/drain', 'POST')
}

async function ask(path, method) {
  const key = sessionStorage.getItem(KEY)
  const headers = key === null ? {} : { authorization: `Bearer ${key}` }
  const response = await fetch(path, { method, headers, cache: 'no-store' })
  if (response.status === 401 || response.status === 403) throw new AccessError()
  if (!response.ok) throw new Error(`the server answered with ${response.status}`)
  return response
}
