/** Offers: as a publisher's and as a viewer's. An answer is SDP again, and fits its offer; anything else is a refusal with a code. */
import { readdirSync, readFileSync } from 'node:fs'
import { DEFAULT_CAPABILITIES } from '../../../dist/sdp/capabilities.js'
import { negotiatePublisher } from '../../../dist/sdp/negotiate-publisher.js'
import { negotiateViewer } from '../../../dist/sdp/negotiate-viewer.js'
import { parseSdp } from '../../../dist/sdp/parse-sdp.js'
import { offerSendsMedia } from '../../../dist/sdp/peek-direction.js'
import { peekSections } from '../../../dist/sdp/peek-sections.js'
import { mutateLines } from '../engine/mutate-lines.mjs'
import { must, orRefusal } from '../engine/oracles.mjs'

const FOLDER = new URL('../../fixtures/offers/', import.meta.url)
const CODES = ['sdp-invalid', 'sdp-unsupported', 'direction-mismatch', 'codec-unsupported']
const CAPABILITIES = { ...DEFAULT_CAPABILITIES, rtx: true, simulcast: true }

/** This side, as every answer says it. */
const LOCAL = {
  iceUfrag: 'serverUfrag',
  icePwd: 'serverPasswordOf24Letter',
  fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') },
  candidates: [
    { foundation: '1', component: 1, protocol: 'udp', priority: 2130706431, ip: '192.0.2.1', port: 5000, type: 'host' },
  ],
  cname: 'cnameOfServer',
  sdpSessionId: '4242',
}

const seeds = () =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sdp'))
    .sort()
    .map((file) => readFileSync(new URL(file, FOLDER)))

function run(input) {
  const offer = input.toString('latin1')
  orRefusal(() => offerSendsMedia(offer), CODES)
  const asPublisher = orRefusal(() => negotiatePublisher(offer, LOCAL, CAPABILITIES, { maxBitrateBps: 1e6 }), CODES)
  if (asPublisher) checkAnswer(offer, asPublisher)
  let ssrc = 1
  const streams = { msid: 'stream', ssrc: () => ssrc++ }
  const asViewer = orRefusal(() => negotiateViewer(offer, LOCAL, streams, CAPABILITIES), CODES)
  if (asViewer) checkAnswer(offer, asViewer)
}

function checkAnswer(offer, { answer, sections, remote }) {
  // Nothing of the offer may begin a line of its own.
  must(/^(?:[a-z]=[^\r\n]*\r\n)+$/.test(answer), 'an answer consists of lines')
  must(answer.length < 4 * offer.length + 8192, 'an answer is not out of proportion')
  const offered = parseSdp(offer)
  const parsed = parseSdp(answer)
  must(parsed.media.length === offered.media.length, 'an answer has the sections of its offer')
  must(parsed.media.filter(({ port }) => port !== 0).length === sections.length, 'and accepts those that it says')
  must(sections.length > 0 && peekSections(answer).length > 0, 'at least one')
  must(remote.fingerprints.length > 0 && remote.fingerprints.length <= 8, 'the peer has named its certificate')
  must(
    answer.match(/^a=fingerprint:/gm)?.length === answer.match(/^a=ice-pwd:/gm)?.length,
    'ours is named as often as needed',
  )
}

export const target = { seeds, mutate: mutateLines, maxLength: 20_000, run }
