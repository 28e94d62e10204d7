/** The dashboard: asks the server every few seconds what there is, and shows it. */
import { PlotBoard } from './dashboard-plots.js'
import { AccessError, drain, fetchData, hasKey, kick, rememberKey } from './dashboard-server.js'
import { broadcastTable, nodeTable, pager, sessionTable } from './dashboard-tables.js'
import { element, showError } from './page.js'
import { inTheory, savings } from './savings.js'
import { fanPicture, savingsBars, streamsText } from './savings-picture.js'
import { makeSure } from './sure-button.js'
import { draw } from './svg-tree.js'
import { ageText, bitrateText, countText, millisecondsText, percentText, timesText } from './units.js'

const ROWS = 50
const RETRY_MS = 3000

/** What is looked at: all broadcasts, or the one in the fragment of the address. */
let scope = scopeOfAddress()
let offsets = { broadcastOffset: 0, sessionOffset: 0 }
/** Samples of the scope, oldest first, as far back as the server keeps them. */
let samples = []
let startedAtMs
let asking = false
/** Something has changed since the server was asked. */
let again = false
let timer

const board = new PlotBoard(element('plots'))
const showBroadcasts = broadcastTable(element('broadcasts'), (name) => choose(name === scope ? undefined : name))
const showSessions = sessionTable(element('sessions'), (id) => act(() => kick(id)))
const showNodes = nodeTable(element('node-table'))
const turnBroadcasts = pager(element('broadcast-pager'), (offset) => turn({ broadcastOffset: offset }))
const turnSessions = pager(element('session-pager'), (offset) => turn({ sessionOffset: offset }))

function scopeOfAddress() {
  return new URLSearchParams(location.hash.slice(1)).get('broadcast') ?? undefined
}

function choose(name) {
  location.hash = name === undefined ? '' : new URLSearchParams({ broadcast: name })
}

function turn(offset) {
  offsets = { ...offsets, ...offset }
  void refresh()
}

async function act(request) {
  try {
    await request()
    showError()
  } catch (error) {
    showError(
      error instanceof AccessError
        ? 'The server does not take the key any more.'
        : `That did not work: ${error.message}`,
    )
  }
  await refresh()
}

/** Asks again after a while; at once where something has changed. */
async function refresh() {
  clearTimeout(timer)
  again = asking
  if (asking || document.visibilityState !== 'visible') return
  asking = true
  let waitMs = RETRY_MS
  const askedFor = scope
  try {
    const since = samples.at(-1)?.[0]
    const data = await fetchData({
      ...(scope === undefined ? {} : { broadcast: scope }),
      ...(since === undefined ? {} : { since }),
      ...offsets,
      limit: ROWS,
    })
    if (askedFor === scope) show(data)
    waitMs = data.intervalMs
  } catch (error) {
    fail(error)
    // Asking goes on when there is a key to ask with.
    if (error instanceof AccessError) waitMs = Number.POSITIVE_INFINITY
  }
  asking = false
  if (again) void refresh()
  else if (waitMs < Number.POSITIVE_INFINITY) timer = setTimeout(refresh, waitMs)
}

function fail(error) {
  if (error instanceof AccessError) {
    element('shown').hidden = true
    element('access').hidden = false
    showState('waiting', 'Locked')
    showError(hasKey() ? 'The server does not take this key.' : '')
    rememberKey('')
  } else {
    showState('failed', 'No answer')
    showError('The server does not answer.')
  }
}

function show(data) {
  // Another process counts anew.
  if (startedAtMs !== data.startedAtMs && startedAtMs !== undefined) samples = []
  startedAtMs = data.startedAtMs
  const { atMs, fields, intervalMs, windowMs } = data
  const newestMs = samples.at(-1)?.[0] ?? 0
  samples = [...samples, ...data.samples.filter(([sampledMs]) => sampledMs > newestMs)].filter(
    ([sampledMs]) => sampledMs > atMs - windowMs,
  )
  element('access').hidden = true
  element('shown').hidden = false
  if (['The server does not answer.', 'The server does not take this key.'].includes(element('error').textContent))
    showError()
  showServer(data)
  const newest = Object.fromEntries(fields.map((field, index) => [field, samples.at(-1)?.[index + 1] ?? undefined]))
  element('title').textContent = scope ?? 'All broadcasts'
  element('all').hidden = scope === undefined
  element('since').textContent = `up for ${ageText(atMs - startedAtMs)} · manycast ${data.version}`
  showTiles(element('tiles'), tilesOf(data, newest))
  showSavings(data.totals, newest)
  board.show({ fields, samples, atMs, intervalMs, windowMs, isOne: scope !== undefined })
  const { broadcasts, sessions } = data
  showBroadcasts(broadcasts.items, scope)
  showSessions(sessions.items, atMs)
  turnBroadcasts(offsets.broadcastOffset, broadcasts.items.length, broadcasts.total, ROWS)
  turnSessions(offsets.sessionOffset, sessions.items.length, sessions.total, ROWS)
  element('no-broadcasts').hidden = broadcasts.items.length > 0
  element('no-sessions').hidden = sessions.items.length > 0
  showCluster(data.cluster)
}

function showServer({ load, draining }) {
  if (draining) showState('waiting', 'Draining')
  else if (load?.overloaded) showState('failed', 'Overloaded')
  else showState('live', 'Running')
  const warning = load?.overloaded ? `The server takes no more viewers for now: ${load.reasons.join('; ')}.` : ''
  element('warning').hidden = warning === ''
  if (element('warning').textContent !== warning) element('warning').textContent = warning
  element('drain').hidden = draining === undefined
  element('drain').disabled = draining === true
}

function showState(state, text) {
  document.body.dataset.state = state
  if (element('state').textContent !== text) element('state').textContent = text
}

function tilesOf({ broadcasts, load }, newest) {
  const isOne = scope !== undefined
  return [
    ...(isOne ? [] : [['Broadcasts', countText(broadcasts.total)]]),
    ['Publishers', countText(newest.publishers)],
    ['Viewers', countText(newest.viewers)],
    ['In', bitrateText(newest.inBps)],
    ['Out', bitrateText(newest.outBps)],
    ['Loss', percentText(newest.lossOut)],
    ['Round trip', millisecondsText(newest.rttMs)],
    ...(isOne || load === undefined ? [] : [['CPU', percentText(load.cpu)]]),
  ]
}

function showTiles(list, tiles) {
  if (list.children.length !== tiles.length) {
    list.replaceChildren(
      ...tiles.map(() => {
        const tile = document.createElement('div')
        tile.append(document.createElement('dt'), document.createElement('dd'))
        return tile
      }),
    )
  }
  tiles.forEach(([name, text], index) => {
    const [term, value] = list.children[index].children
    term.textContent = name
    value.textContent = text
    value.dataset.figure = name
  })
}

function showSavings(totals, { publishers = 0, viewers = 0, copies = 0 }) {
  const saved = totals && savings(totals)
  const theory = inTheory(publishers, copies)
  element('headline').textContent = headline(saved, totals)
  element('theory').textContent = theoryText(theory)
  element('fan-sfu').replaceChildren(draw(fanPicture(viewers, false)))
  element('fan-mesh').replaceChildren(draw(fanPicture(viewers, true)))
  element('sfu-uploads').textContent = streamsText(theory.sfu.upload)
  element('mesh-uploads').textContent = streamsText(theory.mesh.upload)
  const bars = element('bars')
  bars.replaceChildren(...(saved === undefined ? [] : [draw(savingsBars(saved, Math.max(240, bars.clientWidth)))]))
}

function headline(saved, totals) {
  if (saved === undefined && totals?.rtpBytesOut > 0)
    return 'Nobody uploads: what is watched comes from this server itself.'
  if (saved === undefined) return 'As soon as somebody watches, this shows what a mesh would have cost instead.'
  const { uploadFactor, totalFactor } = saved
  if (uploadFactor <= 1) {
    return 'So far a mesh would upload less: the publisher sends every layer once, whether or not somebody watches it.'
  }
  return `Publishers have uploaded ${timesText(uploadFactor)} times less than in a mesh, and all lines together carried ${timesText(totalFactor)} times less.`
}

function theoryText({ sfu, mesh }) {
  if (mesh.upload === 0)
    return 'In theory, ten viewers of one stream cost 11 streams in all with an SFU and 20 in a mesh: one per upload, one per download.'
  return `In theory, those who are there now cost ${streamsText(sfu.total)} in all with an SFU and ${countText(mesh.total)} in a mesh: one per upload, one per download.`
}

function showCluster(cluster) {
  element('cluster').hidden = cluster === undefined
  if (cluster === undefined) return
  const { directoryReachable, nodes, nodeId, ...counts } = cluster
  showTiles(element('cluster-facts'), [
    ['Directory', directoryReachable ? 'Reachable' : 'Away'],
    ['Nodes', countText(nodes.total)],
    ['Origins here', countText(counts.origins)],
    ['Relays here', countText(counts.relays)],
    ['Sent elsewhere', countText(counts.redirected)],
    ['Refused', countText(counts.refused)],
  ])
  showNodes(nodes.items, nodeId)
}

element('access').addEventListener('submit', (event) => {
  event.preventDefault()
  rememberKey(element('key').value.trim())
  element('key').value = ''
  void refresh()
})
makeSure(element('drain'), 'Drain now?', () => act(drain))
element('all').addEventListener('click', () => choose(undefined))
addEventListener('hashchange', () => {
  scope = scopeOfAddress()
  samples = []
  offsets = { ...offsets, sessionOffset: 0 }
  void refresh()
})
document.addEventListener('visibilitychange', refresh)
void refresh()
