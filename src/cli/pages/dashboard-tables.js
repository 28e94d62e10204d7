/** The tables of the dashboard: broadcasts and sessions, with paging, and a button to throw somebody out. */
import { rowOf, showRows, tableHead, write } from './keyed-rows.js'
import { sureButton } from './sure-button.js'
import { ageText, bitrateText, countText, millisecondsText, percentText } from './units.js'

const BROADCAST_COLUMNS = [
  { title: 'Broadcast', kind: 'main' },
  { title: 'State' },
  { title: 'Publishers', kind: 'number' },
  { title: 'Viewers', kind: 'number' },
  { title: 'In', kind: 'number' },
  { title: 'Out', kind: 'number' },
  { title: 'Loss', kind: 'number' },
  { title: 'Round trip', kind: 'number' },
]

const SESSION_COLUMNS = [
  { title: 'Session', kind: 'main' },
  { title: 'State' },
  { title: 'Broadcast' },
  { title: 'From' },
  { title: 'Connected', kind: 'number' },
  { title: 'Picture' },
  { title: 'Bitrate', kind: 'number' },
  { title: 'Loss', kind: 'number' },
  { title: 'Round trip', kind: 'number' },
  { title: 'Health' },
  { title: '', kind: 'action' },
]

const NODE_COLUMNS = [
  { title: 'Node', kind: 'main' },
  { title: 'State' },
  { title: 'Region' },
  { title: 'Viewers', kind: 'number' },
  { title: 'Room for', kind: 'number' },
  { title: 'Load', kind: 'number' },
]

/** A table of broadcasts; `choose(name)` is called when one is clicked. */
export function broadcastTable(table, choose) {
  tableHead(table, BROADCAST_COLUMNS)
  return (broadcasts, chosen) => {
    const make = () => {
      const row = rowOf(BROADCAST_COLUMNS)
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'link'
      button.addEventListener('click', () => choose(row.dataset.key))
      row.cells[0].append(button)
      row.cells[1].append(badge())
      return row
    }
    const fill = (row, item) => {
      const [name, state, ...rest] = row.cells
      write(name.firstChild, item.name)
      name.firstChild.setAttribute('aria-pressed', String(item.name === chosen))
      showBadge(state.firstChild, item.live ? 'live' : 'waiting', item.live ? 'Live' : 'Waiting')
      const texts = [
        countText(item.publishers),
        countText(item.viewers),
        bitrateText(item.inBps),
        bitrateText(item.outBps),
        percentText(item.lossOut),
        millisecondsText(item.rttMs),
      ]
      for (const [index, cell] of rest.entries()) write(cell, texts[index])
    }
    showRows(table, broadcasts, ({ name }) => name, make, fill)
  }
}

/** A table of sessions; `kick(id)` is called when one is to be thrown out. */
export function sessionTable(table, kick) {
  tableHead(table, SESSION_COLUMNS)
  return (sessions, atMs) => {
    const make = (item) => {
      const row = rowOf(SESSION_COLUMNS)
      row.cells[0].append(document.createElement('strong'), document.createElement('small'))
      row.cells[1].append(badge())
      const button = sureButton('Kick', 'Sure?', () => kick(item.id))
      button.classList.add('small', 'danger')
      button.setAttribute('aria-label', `Kick ${titleOf(item)}`)
      row.cells.item(row.cells.length - 1).append(button)
      return row
    }
    const fill = (row, item) => {
      const [who, state, ...rest] = row.cells
      write(who.firstChild, titleOf(item))
      write(who.lastChild, item.relay ? `node ${item.relay}` : (item.metadata ?? ''))
      showBadge(state.firstChild, ...(STATES[item.state] ?? ['waiting', item.state]))
      const texts = [
        item.broadcast,
        [item.address, item.protocol?.toUpperCase()].filter((part) => part !== undefined).join(' · ') || '–',
        ageText(item.connectedAt === undefined ? undefined : atMs - item.connectedAt),
        [item.codec, item.layer].filter((part) => part !== undefined).join(' · ') || '–',
        bitrateText(item.bitrateBps),
        percentText(item.loss),
        millisecondsText(item.rttMs),
      ]
      for (const [index, text] of texts.entries()) write(rest[index], text)
      showHealth(rest[texts.length], item.health)
    }
    showRows(table, sessions, ({ id }) => id, make, fill)
    // A column without anything in it says nothing.
    table.classList.toggle(
      'no-health',
      sessions.every(({ health }) => health === undefined),
    )
  }
}

/** A table of the nodes of a cluster; the one that is asked is marked. */
export function nodeTable(table) {
  tableHead(table, NODE_COLUMNS)
  return (nodes, ownId) => {
    const make = () => {
      const row = rowOf(NODE_COLUMNS)
      row.cells[0].append(document.createElement('strong'), document.createElement('small'))
      row.cells[1].append(badge())
      return row
    }
    const fill = (row, { nodeId, url, region, viewers, capacity, utilization, draining }) => {
      const [where, state, ...rest] = row.cells
      write(where.firstChild, url)
      write(where.lastChild, nodeId === ownId ? 'this node' : '')
      if (draining) showBadge(state.firstChild, 'waiting', 'Draining')
      else if (utilization >= 1) showBadge(state.firstChild, 'failed', 'Overloaded')
      else showBadge(state.firstChild, 'live', 'Running')
      const texts = [region || '–', countText(viewers), countText(capacity), percentText(utilization)]
      for (const [index, text] of texts.entries()) write(rest[index], text)
    }
    showRows(table, nodes, ({ nodeId }) => nodeId, make, fill)
  }
}

/** Buttons that turn the pages of a table; `turn(offset)` is called. */
export function pager(container, turn) {
  const [before, after] = ['Previous', 'Next'].map((text) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'small'
    button.textContent = text
    return button
  })
  const where = document.createElement('span')
  where.className = 'soft'
  container.append(where, before, after)
  let shown = { offset: 0, limit: 1 }
  before.addEventListener('click', () => turn(Math.max(0, shown.offset - shown.limit)))
  after.addEventListener('click', () => turn(shown.offset + shown.limit))
  return (offset, count, total, limit) => {
    shown = { offset, limit }
    where.textContent = total <= limit ? countText(total) : `${offset + 1}–${offset + count} of ${countText(total)}`
    for (const button of [before, after]) button.hidden = total <= limit
    before.disabled = offset === 0
    after.disabled = offset + count >= total
  }
}

const STATES = {
  connected: ['live', 'Connected'],
  connecting: ['connecting', 'Connecting'],
  disconnected: ['failed', 'Lost'],
}

function titleOf({ role, as, relay }) {
  if (relay !== undefined) return role === 'publisher' ? `Relay in, ${as}` : 'Relay out'
  return role === 'publisher' ? `Publisher ${as ?? ''}`.trim() : 'Viewer'
}

function badge() {
  const made = document.createElement('span')
  made.className = 'badge'
  const dot = document.createElement('i')
  dot.className = 'dot'
  made.append(dot, document.createElement('span'))
  return made
}

function showBadge(made, state, text) {
  made.dataset.state = state
  write(made.lastChild, text)
}

function showHealth(cell, health) {
  write(cell, health === undefined ? '–' : `${health.score} · ${health.reason}`)
  cell.dataset.health = health?.level ?? ''
}
