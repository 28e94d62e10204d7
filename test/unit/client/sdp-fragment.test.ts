import { expect, it } from 'vitest'
import { restartedAnswer, sdpFragment } from '../../../src/client/sdp-fragment.js'
import { parseSdpFragment } from '../../../src/sdp/sdp-fragment.js'

const OFFER = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=fingerprint:sha-256 AA',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  'a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0 ufrag abcd',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  'a=mid:0',
  'a=rtpmap:96 VP8/90000',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=ice-ufrag:abcd',
  'a=mid:1',
  '',
].join('\r\n')

it('says our end of the ICE session, by the first m-line alone, as our server reads it', () => {
  const text = sdpFragment(OFFER)
  expect(text).toBe(
    [
      'a=group:BUNDLE 0 1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0 ufrag abcd',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
      'a=mid:0',
      '',
    ].join('\r\n'),
  )
  const [media] = parseSdpFragment(text).media
  expect(media).toMatchObject({ mid: '0', iceUfrag: 'abcd', icePwd: 'abcdefghijklmnopqrstuvwx' })
  expect(media?.candidates).toHaveLength(1)
})

const ANSWER =
  'v=0\r\na=ice-lite\r\nm=video 9 x 96\r\na=ice-ufrag:old\r\na=ice-pwd:old-pwd\r\na=candidate:1 1 udp 1 192.0.2.9 1 typ host\r\n' +
  'a=end-of-candidates\r\nm=audio 9 x 0\r\na=ice-ufrag:old\r\na=ice-pwd:old-pwd\r\na=mid:1\r\n'

it('puts new credentials into every m-line of the answer', () => {
  const restarted = restartedAnswer(ANSWER, 'm=video 9 x 96\r\na=ice-ufrag:n$&w\r\na=ice-pwd:new-pwd\r\n')
  expect(restarted).toBe(ANSWER.replace(/old-pwd/g, 'new-pwd').replace(/ufrag:old/g, () => 'ufrag:n$&w'))
})

it('lets new candidates take the place of the old ones', () => {
  const fragment =
    'a=ice-ufrag:new\na=ice-pwd:new-pwd\na=candidate:2 1 udp 1 192.0.2.8 2 typ host\na=end-of-candidates\n'
  const restarted = restartedAnswer(ANSWER, fragment)
  const [, video, audio] = restarted?.split(/^(?=m=)/m) ?? []
  expect(video?.match(/(?<=a=).*candidate.*/g)).toEqual([
    'candidate:2 1 udp 1 192.0.2.8 2 typ host',
    'end-of-candidates',
  ])
  expect(audio).toBe('m=audio 9 x 0\r\na=ice-ufrag:new\r\na=ice-pwd:new-pwd\r\na=mid:1\r\n')
})

it('is none without credentials', () => {
  expect(restartedAnswer(ANSWER, '')).toBeUndefined()
  expect(restartedAnswer(ANSWER, 'a=ice-ufrag:new\r\n')).toBeUndefined()
})
