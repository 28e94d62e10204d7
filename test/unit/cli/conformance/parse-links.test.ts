import { expect, it } from 'vitest'
import { linksOf, parseLinks } from '../../../../src/cli/conformance/parse-links.js'

const shown = (value: string) =>
  parseLinks(value)?.map(({ target, parameters }) => ({ target, ...Object.fromEntries(parameters) }))

it('reads links with quoted and plain parameters', () => {
  expect(
    shown(
      '<stun:a>; rel="ice-server", </x?y,z>;REL=next ; a="b, \\"c\\"; <d>" ,<turn:t?transport=udp>; rel="x y"; flag',
    ),
  ).toEqual([
    { target: 'stun:a', rel: 'ice-server' },
    { target: '/x?y,z', rel: 'next', a: 'b, "c"; <d>' },
    { target: 'turn:t?transport=udp', rel: 'x y', flag: '' },
  ])
})

it.each(['stun:a; rel="x"', '<a>; rel="x', '<a> rel="x"', '<a>; rel="x" <b>', '<a>; =x', 'x'])(
  'does not read %j',
  (value) => {
    expect(parseLinks(value)).toBeUndefined()
  },
)

it('finds nothing in nothing', () => {
  expect(parseLinks(null)).toEqual([])
  expect(parseLinks('')).toEqual([])
})

it('finds the links of a relation, one of several', () => {
  const headers = new Headers({ link: '<a>; rel="one two", <b>; rel="three", <c>; rel=two' })
  expect(linksOf(headers, 'two').map(({ target }) => target)).toEqual(['a', 'c'])
})
