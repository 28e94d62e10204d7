import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { checkAnswer } from './answer-invariants.js'
import { FIXTURES, FULL_CAPABILITIES, publish, view } from './offers.js'

const MUTATIONS = 10_000

/** What can happen to an offer on its way; numbers are taken modulo what there is. */
type Mutation = readonly [kind: 'delete' | 'duplicate' | 'swap' | 'flip' | 'truncate' | 'splice', a: number, b: number]

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom('delete', 'duplicate', 'swap', 'flip', 'truncate', 'splice'),
  fc.nat(),
  fc.nat(),
)

function mutate(text: string, [kind, a, b]: Mutation): string {
  if (kind === 'truncate') return text.slice(0, a % (text.length + 1))
  if (kind === 'flip') {
    const at = a % text.length
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << (b % 8))) + text.slice(at + 1)
  }
  const lines = text.split('\r\n')
  const i = a % lines.length
  const j = b % lines.length
  const line = lines[i] as string
  if (kind === 'delete') lines.splice(i, 1)
  else if (kind === 'duplicate') lines.splice(j, 0, line)
  else if (kind === 'swap') {
    lines[i] = lines[j] as string
    lines[j] = line
  } else {
    const other = FIXTURES[b % FIXTURES.length]?.sdp.split('\r\n') ?? []
    lines.splice(i, 1, other[a % other.length] ?? '')
  }
  return lines.join('\r\n')
}

describe('damaged offers', () => {
  it(`get an answer or a BroadcastError, ${MUTATIONS} times`, () => {
    let answered = 0
    let refused = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...FIXTURES),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 99 }),
        ({ sdp, role }, mutations, dice) => {
          const offer = mutations.reduce((text, one) => (text === '' ? text : mutate(text, one)), sdp)
          try {
            const negotiation =
              role === 'publisher' ? publish(offer, FULL_CAPABILITIES) : view(offer, FULL_CAPABILITIES)
            answered++
            // The whole of the invariants is checked on a part of the answers only, for the time it takes.
            if (dice === 0) checkAnswer(offer, role, negotiation)
          } catch (error) {
            if (!(error instanceof BroadcastError)) throw error
            expect(error.code).toMatch(/^(?:sdp-invalid|sdp-unsupported|direction-mismatch|codec-unsupported)$/)
            if (error.code === 'sdp-invalid') expect(error.details.line).toBeGreaterThan(0)
            refused++
          }
        },
      ),
      { numRuns: MUTATIONS },
    )
    // Neither outcome is the only one, so the damage is of a kind that tells.
    expect(answered).toBeGreaterThan(MUTATIONS / 20)
    expect(refused).toBeGreaterThan(MUTATIONS / 20)
  }, 60_000)
})
