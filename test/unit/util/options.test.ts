import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import {
  booleanOption,
  choiceOption,
  integerOption,
  numberOption,
  stringListOption,
} from '../../../src/util/options.js'

function refusal(check: () => unknown): BroadcastError {
  try {
    check()
  } catch (error) {
    if (error instanceof BroadcastError) return error
    throw error
  }
  throw new Error('was not refused')
}

describe('option checks', () => {
  it('take the fallback for what is not given', () => {
    expect(integerOption('port', undefined, 8080, 0, 65535)).toBe(8080)
    expect(booleanOption('ipv6', undefined, true)).toBe(true)
    expect(choiceOption('policy', undefined, 'replace', ['replace', 'reject'])).toBe('replace')
    expect(stringListOption('announce', undefined, ['x'], 'names', () => true)).toEqual(['x'])
  })

  it('take whole numbers in the range, its ends included', () => {
    for (const value of [0, 1, 65535]) expect(integerOption('port', value, 1, 0, 65535)).toBe(value)
    for (const value of [-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '80', null, 80n, [80]]) {
      const error = refusal(() => integerOption('port', value, 1, 0, 65535))
      expect(error.message).toContain('option port: expected an integer from 0 to 65535')
    }
  })

  it('take numbers in the range, its ends included', () => {
    for (const value of [0, 0.3, 1]) expect(numberOption('share', value, 0.5, 0, 1)).toBe(value)
    expect(numberOption('share', undefined, 0.5, 0, 1)).toBe(0.5)
    for (const value of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.3', null, 0n, [0]]) {
      const error = refusal(() => numberOption('share', value, 0.5, 0, 1))
      expect(error.message).toContain('option share: expected a number from 0 to 1')
    }
  })

  it('take true and false only', () => {
    expect(booleanOption('ipv6', false, true)).toBe(false)
    for (const value of [0, 1, 'true', null]) refusal(() => booleanOption('ipv6', value, true))
  })

  it('take one of the choices only', () => {
    expect(choiceOption('policy', 'reject', 'replace', ['replace', 'reject'])).toBe('reject')
    const error = refusal(() => choiceOption('policy', 'ignore', 'replace', ['replace', 'reject']))
    expect(error.message).toBe('option policy: expected one of replace, reject, got "ignore"')
  })

  it('take a list of strings, or one alone, when each is as wanted', () => {
    const short = (item: string): boolean => item.length < 3
    expect(stringListOption('ids', ['a', 'b'], [], 'short ids', short)).toEqual(['a', 'b'])
    expect(stringListOption('ids', 'a', [], 'short ids', short)).toEqual(['a'])
    expect(stringListOption('ids', [], ['x'], 'short ids', short)).toEqual([])
    for (const value of [['a', 'long'], ['a', 5], 'long', 5, null, {}]) {
      expect(refusal(() => stringListOption('ids', value, [], 'short ids', short)).message).toContain('short ids')
    }
  })

  it('refuse with a code and the name of the option', () => {
    const error = refusal(() => integerOption('udpPort', 'x', 0, 0, 1))
    expect(error.code).toBe('option-invalid')
    expect(error.details).toEqual({ option: 'udpPort' })
  })

  it('show at most a little of a long value', () => {
    expect(refusal(() => booleanOption('ipv6', 'x'.repeat(5000), true)).message.length).toBeLessThan(200)
  })

  it('refuse any value that is not the wanted one with a BroadcastError, however hostile it is to printing', () => {
    const hostile = {
      toString(): string {
        throw new Error('no text')
      },
    }
    const values = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      fc.constantFrom<unknown>(hostile, [hostile], Symbol('s'), () => 1, Object.create(null)),
    )
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(value !== undefined && value !== 'a' && typeof value !== 'boolean')
        expect(refusal(() => booleanOption('o', value, true)).code).toBe('option-invalid')
        expect(refusal(() => choiceOption('o', value, 'a', ['a'])).code).toBe('option-invalid')
      }),
    )
  })
})
