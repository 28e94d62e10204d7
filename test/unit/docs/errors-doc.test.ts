import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/errors.js'

it('docs/errors.md lists the codes of the code, with their status and meaning', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (.+) \|$/gm)].map(([, code, status, meaning]) => [
    code,
    { meaning, httpStatus: Number(status) },
  ])
  expect(Object.fromEntries(rows)).toEqual(ERROR_CODES)
  expect(rows.map(([code]) => code)).toEqual(Object.keys(ERROR_CODES))
})
