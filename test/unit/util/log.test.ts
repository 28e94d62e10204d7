import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog, printable } from '../../../src/util/log.js'

describe('printable', () => {
  it('leaves plain text as it is', () => {
    expect(printable('candidate:1 1 udp — é 漢')).toBe('candidate:1 1 udp — é 漢')
  })

  it('takes out what could begin a line or steer a terminal', () => {
    expect(printable('a\r\nb\u001b[31mc\u0000d\u009be\u2028f\u2029g\u007f')).toBe('a??b?[31mc?d?e?f?g?')
  })

  it('cuts long text and says so', () => {
    expect(printable('abcdef', 5)).toBe('abcde...')
    expect(printable('abcde', 5)).toBe('abcde')
    expect(printable('x'.repeat(1000))).toHaveLength(123)
  })

  it('is one bounded line for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(0xa0), fc.integer({ min: 0x2020, max: 0x2030 })), { maxLength: 300 }),
        (units) => {
          const line = printable(String.fromCharCode(...units))
          expect(line.length).toBeLessThanOrEqual(123)
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        },
      ),
    )
  })
})

describe('createLog', () => {
  it('names the room', () => {
    expect(createLog('ice').namespace).toBe('manycast:ice')
  })
})
