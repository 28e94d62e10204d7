import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError, type BroadcastErrorCode, ERROR_CODES } from '../../src/errors.js'

const codes = Object.keys(ERROR_CODES) as BroadcastErrorCode[]

describe('BroadcastError', () => {
  it('carries code, message, details and cause', () => {
    const cause = new Error('below')
    const error = new BroadcastError('sdp-invalid', 'line 3 is no line', { details: { line: 3 }, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'BroadcastError', code: 'sdp-invalid', message: 'line 3 is no line', cause })
    expect(error.details).toEqual({ line: 3 })
    expect(error.httpStatus).toBe(400)
    expect(String(error)).toBe('BroadcastError: line 3 is no line')
  })

  it('has empty details and no cause of its own unless given', () => {
    const error = new BroadcastError('closed', 'it is closed')
    expect(error.details).toEqual({})
    expect('cause' in error).toBe(false)
  })

  it('crosses threads and JSON as a plain value, without stack and cause', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.string(),
        fc.dictionary(fc.string(), fc.nat()),
        (code, text, details) => {
          const error = new BroadcastError(code, text, { details, cause: new Error('secret') })
          for (const wire of [JSON.parse(JSON.stringify(error)), structuredClone(error.toJSON())]) {
            expect(Object.keys(wire).sort()).toEqual(['code', 'details', 'message'])
            const back = BroadcastError.fromJSON(wire)
            expect(back).toBeInstanceOf(BroadcastError)
            expect(back.toJSON()).toEqual(JSON.parse(JSON.stringify(error)))
            expect(back.httpStatus).toBe(error.httpStatus)
          }
        },
      ),
    )
  })

  it('is made of any thrown thing: itself as it is, all else as an internal error', () => {
    const own = new BroadcastError('closed', 'it is closed')
    expect(BroadcastError.from(own)).toBe(own)
    const foreign = new TypeError('x is undefined')
    expect(BroadcastError.from(foreign)).toMatchObject({
      code: 'internal-error',
      message: 'internal error: x is undefined',
      cause: foreign,
    })
    expect(BroadcastError.from('text')).toMatchObject({ code: 'internal-error', message: 'internal error: text' })
  })
})

describe('the table of codes', () => {
  it.each(codes)('%s has a meaning in one sentence and an HTTP error status', (code) => {
    const { meaning, httpStatus } = ERROR_CODES[code]
    expect(meaning).toMatch(/^[A-Z].*\.$/)
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(httpStatus).toBeGreaterThanOrEqual(code === 'redirected' ? 307 : 400)
    expect(httpStatus).toBeLessThan(600)
  })
})
