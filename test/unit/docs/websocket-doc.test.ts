import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CLOSE_CODES } from '../../../src/signaling/websocket/close-codes.js'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** What stands between two headings of docs/signaling.md. */
function section(from: string, to: string): string {
  const page = read('docs/signaling.md')
  return page.slice(page.indexOf(from), page.indexOf(to))
}

/** The names in the first cells of a table. */
function rows(text: string): string[] {
  const cells = [...text.matchAll(/^\| (`[a-z`, ]+`) \|/gm)].flatMap(([, cell = '']) => cell.split(', '))
  return cells.map((cell) => cell.replaceAll('`', '')).filter((name) => name !== 'type')
}

/** The types of messages in one half of the file that declares them. */
function declared(text: string): string[] {
  const names = [...text.matchAll(/readonly type: ('[a-z]+'(?: \| '[a-z]+')*)/g)].flatMap(([, type = '']) =>
    type.split(' | '),
  )
  return names.map((name) => name.replaceAll("'", ''))
}

const source = read('src/signaling/websocket/messages.ts')
const half = source.indexOf('export type WebSocketServerMessage')

it('docs/signaling.md has every message of the client', () => {
  expect(rows(section('### What the client sends', '### What the server sends')).sort()).toEqual(
    declared(source.slice(0, half)).sort(),
  )
})

it('and of the server', () => {
  expect(rows(section('### What the server sends', '### A socket that is dropped')).sort()).toEqual(
    declared(source.slice(half)).sort(),
  )
})

it('and every close code', () => {
  const text = section('### Close codes', '## Plain exchange')
  for (const [reason, code] of Object.entries(CLOSE_CODES)) {
    expect(text.split('\n').some((line) => line.startsWith(`| ${code} |`) && line.includes(`\`${reason}\``))).toBe(true)
  }
})
