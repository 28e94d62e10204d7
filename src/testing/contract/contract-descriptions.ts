/** The offers, answers and fragments that the contract sends through an adapter. */
import type { SessionRole } from '../../broadcast/signaling-target.js'

/** The ICE credentials in every offer here. */
export const OFFERED_ICE = { iceUfrag: 'abcd', icePwd: 'abcdefghijklmnopqrstuv' }

/** An offer of VP8 and Opus: to send them, or to receive them. `mark` tells it from others, with a letter beyond ASCII. */
export function offerOf(role: SessionRole, mark = '1'): string {
  const direction = role === 'publisher' ? 'sendonly' : 'recvonly'
  const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
  const head = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    `s=Bühne ${mark}`,
    't=0 0',
    'a=group:BUNDLE 0 1',
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    `a=ice-ufrag:${OFFERED_ICE.iceUfrag}`,
    `a=ice-pwd:${OFFERED_ICE.icePwd}`,
  ]
  const section = (mid: string, media: string, codec: string) => [
    `m=${media}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    `a=rtpmap:${codec}`,
    ...(role === 'publisher' ? [`a=msid:stream ${mid}`, `a=ssrc:${mid}1 cname:contract`] : []),
  ]
  const audio = section('0', 'audio 9 UDP/TLS/RTP/SAVPF 111', '111 opus/48000/2')
  const video = section('1', 'video 9 UDP/TLS/RTP/SAVPF 96', '96 VP8/90000')
  return [...head, ...audio, ...video, ''].join('\r\n')
}

/** An offer of about so many bytes. */
export function offerOfSize(role: SessionRole, bytes: number): string {
  const offer = offerOf(role)
  const line = `a=x-padding:${'x'.repeat(100)}\r\n`
  return offer + line.repeat(Math.max(0, Math.floor((bytes - Buffer.byteLength(offer)) / line.length)))
}

/** The answer that belongs to an offer and to no other one. */
export function answerTo(offerSdp: string): string {
  const name = /^s=(.*?)\r?$/m.exec(offerSdp)?.[1] ?? ''
  return ['v=0', 'o=- 2 1 IN IP4 127.0.0.1', `s=Antwort für ${name}`, 't=0 0', ''].join('\r\n')
}

/** A fragment with a candidate of the session as it was offered. */
export const FRAGMENT = fragment(OFFERED_ICE, ['a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host'])

/** A fragment with other credentials: an ICE restart. */
export const RESTART_FRAGMENT = fragment({ iceUfrag: 'efgh', icePwd: 'ABCDEFGHIJKLMNOPQRSTUV' }, [])

function fragment(ice: typeof OFFERED_ICE, candidates: readonly string[]): string {
  const lines = [`a=ice-ufrag:${ice.iceUfrag}`, `a=ice-pwd:${ice.icePwd}`, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0']
  return [...lines, ...candidates, 'a=end-of-candidates', ''].join('\r\n')
}
