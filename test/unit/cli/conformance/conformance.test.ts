/** The checklist itself: a server that is right passes it, and each way to be wrong is found by the checks that are about it. */
import { describe, expect, it } from 'vitest'
import { ALL_CHECKS } from '../../../../src/cli/conformance/all-checks.js'
import { ANSWER_FAULTS } from './faults/answer-faults.js'
import { EVENT_FAULTS, LAYER_FAULTS } from './faults/extension-faults.js'
import { CORS_FAULTS, LINK_FAULTS, TOKEN_FAULTS } from './faults/header-faults.js'
import { ENDPOINT_FAULTS, OFFER_FAULTS } from './faults/offer-faults.js'
import { RESTART_FAULTS, SESSION_FAULTS, TRICKLE_FAULTS } from './faults/session-faults.js'
import { check, rightHandler } from './right-server.js'

const FAULTS = {
  endpoint: ENDPOINT_FAULTS,
  offer: OFFER_FAULTS,
  answer: ANSWER_FAULTS,
  session: SESSION_FAULTS,
  trickle: TRICKLE_FAULTS,
  restart: RESTART_FAULTS,
  cors: CORS_FAULTS,
  link: LINK_FAULTS,
  token: TOKEN_FAULTS,
  events: EVENT_FAULTS,
  layer: LAYER_FAULTS,
}

describe('a server that is right', () => {
  it.each(['whip', 'whep'] as const)('passes everything that %s has', async (protocol) => {
    const results = await check(rightHandler(), protocol)
    expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(results.filter(({ outcome }) => outcome === 'skip')).toEqual([])
  })
})

describe.each(Object.entries(FAULTS))('faults of %s', (group, faults) => {
  it.each(faults)('$name', async ({ breaks, fails, protocol = 'whip' }) => {
    const results = await check(breaks(rightHandler()), protocol, [group])
    const failed = results.filter(({ outcome }) => outcome === 'fail')
    expect(failed.map(({ id }) => id)).toEqual(fails)
    for (const { detail } of failed) expect(detail).not.toBe('')
  })
})

it('can fail in every line', () => {
  const found = new Set(Object.values(FAULTS).flatMap((faults) => faults.flatMap(({ fails }) => fails)))
  expect(ALL_CHECKS.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([])
})

it('names each line once, and says where it is written', () => {
  const ids = ALL_CHECKS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { id, clause, title } of ALL_CHECKS) {
    expect(clause, id).toMatch(/^(?:RFC \d{4} §[\d.]+|draft-ietf-wish-whep §[\d.]+|WHEP extensions: \w+)$/)
    expect(title, id).toMatch(/^[A-Z\d]/)
  }
})
