import { at, type Fault, has, isCreated, reply, request } from './fault.js'

/** Changes every answer. */
const answer = (change: (sdp: string) => string) => reply(isCreated, { body: change })

/** Changes every answer to an offer that has `text`. */
const answerTo = (text: string, change: (sdp: string) => string) =>
  reply(isCreated, async (_, one) => ((await one.text()).includes(text) ? { body: change } : {}))

/** Lets the server see another offer than the one that was sent. */
const offer = (pattern: RegExp, replacement: string) =>
  request(async (one) => at.endpoint(one) && has(pattern)(one), {
    body: (text) => text.replaceAll(pattern, replacement),
  })

/** Refuses the second m-line, which is a video, and takes it out of the bundle. */
const refuseSecond = (sdp: string) => {
  const at = sdp.lastIndexOf('m=video 9')
  return `${sdp.slice(0, at).replace('BUNDLE 0 1', 'BUNDLE 0')}m=video 0${sdp.slice(at + 9)}`
}

export const ANSWER_FAULTS: readonly Fault[] = [
  { name: 'the answer has no s= line', fails: ['answer.sdp'], breaks: answer((sdp) => sdp.replace('s=-\r\n', '')) },
  {
    name: 'an m-line is missing',
    fails: ['answer.sections', 'answer.accepted'],
    breaks: answer((sdp) => sdp.slice(0, sdp.lastIndexOf('m=video'))),
  },
  {
    name: 'the video is refused',
    fails: ['answer.accepted'],
    breaks: answer(refuseSecond),
  },
  {
    name: 'the answer says sendrecv',
    fails: ['answer.direction', 'answer.direction-of-sendrecv'],
    breaks: answer((sdp) => sdp.replaceAll('a=recvonly', 'a=sendrecv')),
  },
  {
    name: 'the viewer’s answer says recvonly',
    protocol: 'whep',
    fails: ['answer.direction', 'answer.direction-of-sendrecv'],
    breaks: answer((sdp) => sdp.replaceAll('a=sendonly', 'a=recvonly')),
  },
  {
    name: 'sendrecv is answered with sendrecv',
    fails: ['answer.direction-of-sendrecv'],
    breaks: answerTo('a=sendrecv', (sdp) => sdp.replaceAll('a=recvonly', 'a=sendrecv')),
  },
  { name: 'inactive is taken', fails: ['answer.inactive'], breaks: offer(/a=inactive/g, 'a=sendonly') },
  {
    name: 'the wrong direction is taken',
    fails: ['answer.wrong-direction'],
    breaks: offer(/a=recvonly/g, 'a=sendonly'),
  },
  {
    name: 'there is no BUNDLE group',
    fails: ['answer.bundle'],
    breaks: answer((sdp) => sdp.replace(/^a=group:.*\r\n/m, '')),
  },
  {
    name: 'an m-line is outside of the BUNDLE group',
    fails: ['answer.bundle'],
    breaks: answer((sdp) => sdp.replace('BUNDLE 0 1', 'BUNDLE 0')),
  },
  {
    name: 'there is no rtcp-mux',
    fails: ['answer.rtcp-mux'],
    breaks: answer((sdp) => sdp.replaceAll('a=rtcp-mux\r\n', '')),
  },
  {
    name: 'there is no rtcp-mux-only',
    fails: ['answer.rtcp-mux-only'],
    breaks: answer((sdp) => sdp.replaceAll('a=rtcp-mux-only\r\n', '')),
  },
  {
    name: 'audio and video are two MediaStreams',
    protocol: 'whep',
    fails: ['answer.msid'],
    breaks: answer((sdp) => sdp.replace(/a=msid:fake /, 'a=msid:other ')),
  },
  {
    name: 'there is no msid',
    protocol: 'whep',
    fails: ['answer.msid'],
    breaks: answer((sdp) => sdp.replaceAll(/^a=msid:.*\r\n/gm, '')),
  },
  {
    name: 'the second of two videos is refused',
    protocol: 'whep',
    fails: ['answer.two-videos'],
    breaks: answer((sdp) => (sdp.split('m=video 9').length === 3 ? refuseSecond(sdp) : sdp)),
  },
  {
    name: 'unknown codecs are taken',
    fails: ['answer.unknown-codec'],
    breaks: offer(/X-NOBODY-KNOWS/g, 'VP8'),
  },
  {
    name: 'unknown codecs are 406',
    fails: ['answer.no-counter-offer-for-codecs'],
    breaks: reply((one, { status }) => at.endpoint(one) && status === 422, { status: 406 }),
  },
  {
    name: 'the ice-pwd is too short',
    fails: ['answer.sdp', 'answer.ice-credentials'],
    breaks: answer((sdp) => sdp.replaceAll(/^a=ice-pwd:.*$/gm, 'a=ice-pwd:short')),
  },
  {
    name: 'there is no ice-ufrag',
    fails: ['answer.ice-credentials'],
    breaks: answer((sdp) => sdp.replaceAll(/^a=ice-ufrag:.*\r\n/gm, '')),
  },
  {
    name: 'there are no candidates',
    fails: ['answer.candidates'],
    breaks: answer((sdp) => sdp.replaceAll(/^a=candidate:.*\r\n/gm, '')),
  },
  {
    name: 'the fingerprint is of sha-1',
    fails: ['answer.fingerprint'],
    breaks: answer((sdp) => sdp.replaceAll('a=fingerprint:sha-256', 'a=fingerprint:sha-1')),
  },
  {
    name: 'the answer chooses no DTLS role',
    fails: ['answer.setup', 'answer.setup-of-active'],
    breaks: answer((sdp) => sdp.replaceAll('a=setup:passive', 'a=setup:actpass')),
  },
  {
    name: 'active is answered with active',
    fails: ['answer.setup-of-active'],
    breaks: answerTo('a=setup:active', (sdp) => sdp.replaceAll('a=setup:passive', 'a=setup:active')),
  },
  {
    name: 'payload types are the server’s own',
    fails: ['answer.payload-types'],
    breaks: answer((sdp) => sdp.replace(/^(m=video .*)$/m, '$1 120')),
  },
  {
    name: 'ids of header extensions are the server’s own',
    fails: ['answer.extensions'],
    breaks: answer((sdp) => sdp.replace('a=extmap:4 ', 'a=extmap:7 ')),
  },
  {
    name: 'simulcast is answered in the direction of the offer',
    fails: ['answer.simulcast'],
    breaks: answer((sdp) => sdp.replace('a=simulcast:recv', 'a=simulcast:send')),
  },
  {
    name: 'simulcast is answered without a=rid',
    fails: ['answer.simulcast'],
    breaks: answer((sdp) => sdp.replaceAll(/^a=rid:.*\r\n/gm, '')),
  },
]
