/** Tables whose rows stay the same elements while their texts change, so that focus and selection stay where they are. */

/** Makes the head of a table and its empty body. */
export function tableHead(table, columns) {
  const row = document.createElement('tr')
  for (const { title, kind = '' } of columns) {
    const cell = document.createElement('th')
    cell.scope = 'col'
    cell.className = kind
    cell.textContent = title
    row.append(cell)
  }
  const head = document.createElement('thead')
  head.append(row)
  table.replaceChildren(head, document.createElement('tbody'))
}

/** Shows `items` in this order: each has the row of its key, `make(item)` gives a new one, and `write(row, item)` fills it. */
export function showRows(table, items, key, make, write) {
  const body = table.tBodies[0]
  const before = new Map([...body.rows].map((row) => [row.dataset.key, row]))
  const rows = items.map((item) => {
    const row = before.get(key(item)) ?? make(item)
    row.dataset.key = key(item)
    write(row, item)
    return row
  })
  const wanted = new Set(rows)
  for (const row of before.values()) if (!wanted.has(row)) row.remove()
  rows.forEach((row, index) => {
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null)
  })
}

/** A row with a cell for each column; on a phone each says by itself what it is. */
export function rowOf(columns) {
  const row = document.createElement('tr')
  for (const { title, kind = '' } of columns) {
    const cell = row.insertCell()
    cell.dataset.label = title
    cell.className = kind
  }
  return row
}

/** Changes the text only where it is another one. */
export function write(cell, text) {
  if (cell.textContent !== text) cell.textContent = text
}
