import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFormatParameters, parseFormatParameters } from '../../../src/sdp/format-parameters.js'

describe('format parameters', () => {
  it('are read with lower-case names and blanks taken off', () => {
    expect(parseFormatParameters('Profile-Level-ID=42e01F; packetization-mode = 1 ;flag;;x=a=b')).toEqual({
      'profile-level-id': '42e01F',
      'packetization-mode': '1',
      flag: '',
      x: 'a=b',
    })
  })

  it('may be named like members of an object', () => {
    const parameters = parseFormatParameters('__proto__=1;constructor=2')
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype)
  })

  it('come back as they were written', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)
    const value = fc.stringMatching(/^[A-Za-z0-9=+/,]{0,20}$/)
    fc.assert(
      fc.property(fc.dictionary(name, value), (parameters) => {
        expect(parseFormatParameters(formatFormatParameters(parameters))).toEqual({ ...parameters })
      }),
    )
  })

  it('of any text are an object of strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const value of Object.values(parseFormatParameters(text))) expect(typeof value).toBe('string')
      }),
    )
  })
})
