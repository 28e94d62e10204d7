/** Fragments of trickle ICE, and the candidates in them. */
import { formatIceCandidate, parseIceCandidate } from '../../../dist/sdp/ice-candidate.js'
import { parseSdpFragment, writeSdpFragment } from '../../../dist/sdp/sdp-fragment.js'
import { readTrickledIce } from '../../../dist/sdp/trickled-ice.js'
import { mutateLines } from '../engine/mutate-lines.mjs'
import { must, orRefusal } from '../engine/oracles.mjs'

const CODES = ['sdp-invalid', 'sdp-unsupported']
const CANDIDATES = [
  'candidate:1 1 udp 2130706431 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
  'candidate:2 1 UDP 1686052607 2001:db8::7 54321 typ srflx raddr 10.0.0.1 rport 61764',
  'candidate:3 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
  'candidate:4 1 udp 2113937151 5d1c1f0c-0f7e-4a3f-9f52-52c6c9a1a1f5.local 50000 typ host',
  'end-of-candidates',
]
const CREDENTIALS = ['ice-ufrag:EsAw', 'ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1']

const fragment = (...attributes) =>
  Buffer.from(`${attributes.map((line) => (line.startsWith('m=') ? line : `a=${line}`)).join('\r\n')}\r\n`)
const seeds = () => [
  fragment(...CREDENTIALS, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'mid:0', ...CANDIDATES),
  fragment(
    'ice-lite',
    'group:BUNDLE 0 1',
    'm=audio 9 RTP/AVP 0',
    'mid:0',
    ...CREDENTIALS,
    CANDIDATES[1],
    'm=video 9 RTP/AVP 0',
    'mid:1',
    ...CREDENTIALS,
  ),
]

function run(input) {
  const text = input.toString('latin1')
  const parsed = orRefusal(() => parseSdpFragment(text), CODES)
  const read = orRefusal(() => readTrickledIce(text, ['0', '1']), CODES)
  must(parsed !== undefined || read === undefined, 'what is no fragment says nothing')
  if (!read) return
  must(read.candidates.length <= 32, 'candidates are bounded')
  must(read.iceUfrag.length >= 4 && read.icePwd.length >= 22, 'credentials are long enough')
  for (const candidate of read.candidates) {
    const line = formatIceCandidate(candidate)
    must(!/[\r\n]/.test(line), 'a candidate is one line')
    const again = parseIceCandidate(line.replace(/^(?:a=)?candidate:/, ''))
    must(JSON.stringify(again) === JSON.stringify(candidate), `a candidate is read as it was written: ${line}`)
  }
  const section = { mid: '0', mediaLine: 'm=audio 9 UDP/TLS/RTP/SAVPF 111', bundleMids: ['0'] }
  const own = readTrickledIce(writeSdpFragment(section, read), ['0'])
  must(own.iceUfrag === read.iceUfrag && own.icePwd === read.icePwd, 'credentials are read as they were written')
  must(own.candidates.length === read.candidates.length, 'and so are candidates')
}

export const target = { seeds, mutate: mutateLines, maxLength: 8000, run }
