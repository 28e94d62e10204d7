/** Offers in, answers out. */
import assert from 'node:assert/strict'
import { answerTo, offerOf, offerOfSize } from './contract-descriptions.js'
import type { ContractRule } from './contract-rule.js'

/** What holds for offers. */
export const OFFER_RULES: readonly ContractRule[] = [
  {
    name: 'publishes the offer of a publisher, byte for byte, and hands back the answer',
    async check({ target, join }) {
      const offerSdp = offerOf('publisher')
      const { answerSdp } = await join('publisher', { offerSdp })
      assert.deepEqual(
        target.calls.map(({ method, sdp }) => ({ method, sdp })),
        [{ method: 'publish', sdp: offerSdp }],
      )
      assert.equal(answerSdp, answerTo(offerSdp))
    },
  },
  {
    name: 'views with the offer of a viewer, byte for byte, and hands back the answer',
    async check({ target, join }) {
      const offerSdp = offerOf('viewer')
      const { answerSdp } = await join('viewer', { offerSdp })
      assert.deepEqual(
        target.calls.map(({ method, sdp }) => ({ method, sdp })),
        [{ method: 'view', sdp: offerSdp }],
      )
      assert.equal(answerSdp, answerTo(offerSdp))
    },
  },
  {
    name: 'gives each of several clients that come together its own answer',
    async check({ target, join }) {
      const offers = Array.from({ length: 5 }, (_, i) => offerOf('viewer', String(i)))
      const clients = await Promise.all(offers.map((offerSdp) => join('viewer', { offerSdp })))
      assert.deepEqual(
        clients.map(({ answerSdp }) => answerSdp),
        offers.map(answerTo),
      )
      assert.equal(target.sessions.length, offers.length, 'there is not one session for each client')
    },
  },
  {
    name: 'joins the broadcast that the client names',
    needs: ['broadcast-name'],
    async check({ target, join }) {
      await join('publisher', { broadcast: 'stage-1' })
      await join('viewer', { broadcast: 'stage-2' })
      assert.deepEqual(
        target.calls.map(({ context }) => context.broadcast),
        ['stage-1', 'stage-2'],
      )
    },
  },
  {
    name: 'takes a large offer',
    async check({ target, maxOfferBytes, join }) {
      const offerSdp = offerOfSize('viewer', maxOfferBytes / 2)
      await join('viewer', { offerSdp })
      assert.equal(target.calls[0]?.sdp.length, offerSdp.length, 'the offer was cut')
    },
  },
  {
    name: 'refuses an offer that is too large, before the target sees it, and goes on',
    needs: ['size-limit'],
    async check({ target, maxOfferBytes, join, refusal }) {
      await refusal('viewer', { offerSdp: offerOfSize('viewer', maxOfferBytes * 4) })
      assert.deepEqual(target.calls, [], 'the target has seen the offer')
      await join('viewer')
    },
  },
]
