import { describe, expect, it } from 'vitest'
import { readTrickledIce } from '../../../src/sdp/trickled-ice.js'

const UFRAG = 'a=ice-ufrag:EsAw'
const PWD = 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1'
const CREDENTIALS = { iceUfrag: 'EsAw', icePwd: 'P2uYro0UCOQ4zxjKXaWCBui1' }
const section = (mid: string, ...lines: string[]) => ['m=audio 9 RTP/AVP 0', `a=mid:${mid}`, ...lines]
const candidate = (port: number) => `a=candidate:1 1 udp 1 192.0.2.1 ${port} typ host`
const read = (lines: readonly string[], mids = ['0', '1']) => readTrickledIce(lines.join('\r\n'), mids)
const ports = (lines: readonly string[], mids?: string[]) => read(lines, mids).candidates.map(({ port }) => port)

describe('what a fragment says of the transport', () => {
  it('may stand in a section, above them all, or in both', () => {
    expect(read(section('0', UFRAG, PWD))).toMatchObject(CREDENTIALS)
    expect(read([UFRAG, PWD, ...section('0')])).toMatchObject(CREDENTIALS)
    expect(read([UFRAG, ...section('0', PWD)])).toMatchObject(CREDENTIALS)
    expect(read([UFRAG, PWD])).toMatchObject(CREDENTIALS)
  })

  it('is the word of the first section of the session', () => {
    const other = ['a=ice-ufrag:other', 'a=ice-pwd:otherotherotherotherother']
    expect(read([...other, ...section('0', UFRAG, PWD), ...section('1', ...other)])).toMatchObject(CREDENTIALS)
  })

  it('has the candidates of all its sections, and passes over those of others', () => {
    const lines = [
      UFRAG,
      PWD,
      candidate(1),
      ...section('0', candidate(2)),
      ...section('1', candidate(3)),
      ...section('x', candidate(4)),
    ]
    expect(ports(lines)).toEqual([2, 3, 1])
    expect(ports(lines, ['x'])).toEqual([4, 1])
    expect(ports(lines, [])).toEqual([2, 3, 4, 1])
  })

  it('passes over names: mDNS, and all others', () => {
    const named = (name: string) => `a=candidate:1 1 udp 1 ${name} 9 typ host`
    const lines = [named('4d5b18db-caac-465e-b195-86f90a168c53.local'), named('metadata.internal'), candidate(3)]
    expect(ports([UFRAG, PWD, ...section('0', ...lines)])).toEqual([3])
  })

  it('knows the end of the candidates, wherever it stands', () => {
    expect(read([UFRAG, PWD]).endOfCandidates).toBe(false)
    expect(read([UFRAG, PWD, 'a=end-of-candidates']).endOfCandidates).toBe(true)
    expect(read(section('0', UFRAG, PWD, 'a=end-of-candidates')).endOfCandidates).toBe(true)
  })

  it.each([
    ['without any', [candidate(1)]],
    ['without a ufrag', [PWD]],
    ['without a password', [UFRAG]],
    ['with those of a section that is not the session’s', section('x', UFRAG, PWD)],
  ])('is refused %s', (_, lines) => {
    expect(() => read(lines)).toThrow(expect.objectContaining({ code: 'sdp-invalid' }))
  })
})
