/** Answers to offers of ours, to receive and to send: what is read of one fits its offer; anything else is a refusal with a code. */
import { readdirSync, readFileSync } from 'node:fs'
import { DEFAULT_CAPABILITIES } from '../../../dist/sdp/capabilities.js'
import { negotiatePublisher } from '../../../dist/sdp/negotiate-publisher.js'
import { negotiateViewer } from '../../../dist/sdp/negotiate-viewer.js'
import { offerToReceive } from '../../../dist/sdp/offer-to-receive.js'
import { offerToSend } from '../../../dist/sdp/offer-to-send.js'
import { parseSdp } from '../../../dist/sdp/parse-sdp.js'
import { readPublisherAnswer, readViewerAnswer } from '../../../dist/sdp/read-answer.js'
import { mutateLines } from '../engine/mutate-lines.mjs'
import { must, orRefusal } from '../engine/oracles.mjs'

const FOLDER = new URL('../../fixtures/answers/', import.meta.url)
const CODES = ['sdp-invalid', 'sdp-unsupported', 'direction-mismatch', 'codec-unsupported']
const CAPABILITIES = { ...DEFAULT_CAPABILITIES, viewerLayers: 8, pause: true }
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

const streams = () => {
  let ssrc = 1
  return { msid: 'stream', ssrc: () => ssrc++ }
}
const RECEIVE = offerToReceive(LOCAL, CAPABILITIES, { layers: 3 })
const SEND = offerToSend(LOCAL, streams(), CAPABILITIES, { layers: 3 })

const seeds = () => [
  ...readdirSync(FOLDER)
    .sort()
    .map((file) => readFileSync(new URL(file, FOLDER))),
  Buffer.from(negotiateViewer(RECEIVE.offer, LOCAL, streams(), CAPABILITIES).answer),
  Buffer.from(negotiatePublisher(SEND.offer, LOCAL, CAPABILITIES).answer),
]

function run(input) {
  const text = input.toString('latin1')
  const sent = orRefusal(() => readPublisherAnswer(text, RECEIVE, CAPABILITIES), CODES)
  if (sent) {
    checkRead(text, sent, RECEIVE)
    for (const { rids, ssrcs, codecs } of sent.sections) {
      must(new Set(rids).size === rids.length && rids.every((rid) => ['0', '1', '2'].includes(rid)), 'rids are ours')
      must(ssrcs.length <= 64, 'SSRCs are bounded')
      must(
        codecs.every(({ payloadType }) => RECEIVE.offer.includes(`a=rtpmap:${payloadType} `)),
        'payload types are ours',
      )
    }
  }
  const received = orRefusal(() => readViewerAnswer(text, SEND, CAPABILITIES), CODES)
  if (received) {
    checkRead(text, received, SEND)
    const ssrcs = received.sections.flatMap(({ ssrc, layers = [{ ssrc }] }) => layers.map((layer) => layer.ssrc))
    must(new Set(ssrcs).size === ssrcs.length, 'each stream has an SSRC of its own')
    must(
      ssrcs.every((ssrc) => SEND.sections.some(({ streams }) => streams.some((one) => one.ssrc === ssrc))),
      'and one of those that were offered',
    )
  }
}

function checkRead(text, { sections, remote, dtlsRole, transportSection }, offer) {
  const parsed = parseSdp(text)
  must(parsed.media.length === offer.sections.length, 'an answer has the sections of its offer')
  must(sections.length > 0 && sections.length <= 2, 'at least one is taken')
  must(dtlsRole === 'client' || dtlsRole === 'server', 'the DTLS role is known')
  must(remote.fingerprints.length > 0 && remote.candidates.length <= 32, 'the peer has named its certificate')
  must(remote.iceUfrag.length >= 4 && remote.icePwd.length >= 22, 'credentials are long enough')
  must(!/[\r\n]/.test(transportSection.mediaLine), 'a media line is one line')
  for (const { mid, kind, codecs, extensions } of sections) {
    const offered = offer.sections.find((section) => section.mid === mid)
    must(offered?.kind === kind, 'a section is of the kind that was offered')
    must(codecs.length > 0 && codecs.every(({ codec }) => codec.kind === kind), 'it has a codec')
    must(
      extensions.every(({ id, uri }) => offered.extensions.some((one) => one.id === id && one.uri === uri)),
      'extensions are ours',
    )
  }
}

export const target = { seeds, mutate: mutateLines, maxLength: 20_000, run }
