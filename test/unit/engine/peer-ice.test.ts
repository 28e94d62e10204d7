import { beforeEach, describe, expect, it } from 'vitest'
import { PeerIce } from '../../../src/engine/peer-ice.js'
import type { IceCandidate } from '../../../src/sdp/types.js'

const REMOTE = { iceUfrag: 'remote0', icePwd: 'remotePasswordNumber0000' }
const NEXT = { iceUfrag: 'remote1', icePwd: 'remotePasswordNumber1111' }
const LOCAL: IceCandidate = {
  foundation: '1',
  component: 1,
  protocol: 'udp',
  priority: 1,
  ip: '192.0.2.9',
  port: 5000,
  type: 'host',
}

let calls: string[]
let ice: PeerIce

beforeEach(() => {
  calls = []
  let count = 0
  const section = { mid: '0', mediaLine: 'm=audio 9 UDP/TLS/RTP/SAVPF 111', bundleMids: ['0', '1'] }
  const remote = { ...REMOTE, iceLite: false, fingerprints: [], candidates: [] }
  ice = new PeerIce(
    { remote, transportSection: section },
    {
      addRemoteCandidate: ({ port }) => calls.push(`add ${port}`),
      restartIce: (local, { iceUfrag, candidates }) =>
        calls.push(`restart ${local.iceUfrag}:${iceUfrag} ${candidates.map(({ port }) => port)}`),
    },
    () => ({ credentials: { iceUfrag: `local${++count}`, icePwd: 'localPasswordOf24Letters' }, candidates: [LOCAL] }),
  )
})

function fragment({ iceUfrag, icePwd }: typeof REMOTE, ...ports: number[]): string {
  const candidates = ports.map((port) => `a=candidate:1 1 udp 1 192.0.2.1 ${port} typ host`)
  return ['m=audio 9 RTP/AVP 0', 'a=mid:0', `a=ice-ufrag:${iceUfrag}`, `a=ice-pwd:${icePwd}`, ...candidates].join(
    '\r\n',
  )
}

describe('a fragment', () => {
  it('under the credentials of the session adds candidates', () => {
    expect(ice.trickle(fragment(REMOTE, 1, 2))).toEqual({ restarted: false })
    expect(ice.trickle(fragment(REMOTE, 3))).toEqual({ restarted: false })
    expect(calls).toEqual(['add 1', 'add 2', 'add 3'])
  })

  it('with new credentials restarts, and is answered with ours', () => {
    const result = ice.trickle(fragment(NEXT, 1))
    expect(calls).toEqual(['restart local1:remote1 1'])
    expect(result).toEqual({
      restarted: true,
      fragment: [
        'a=ice-lite',
        'a=ice-options:trickle ice2',
        'a=group:BUNDLE 0 1',
        'm=audio 9 UDP/TLS/RTP/SAVPF 111',
        'a=mid:0',
        'a=ice-ufrag:local1',
        'a=ice-pwd:localPasswordOf24Letters',
        'a=candidate:1 1 udp 1 192.0.2.9 5000 typ host',
        'a=end-of-candidates',
        '',
      ].join('\r\n'),
    })
  })

  it('after a restart adds to the new session, and begins another one with other credentials', () => {
    ice.trickle(fragment(NEXT))
    ice.trickle(fragment(NEXT, 5))
    ice.trickle(fragment({ iceUfrag: 'remote2', icePwd: 'remotePasswordNumber2222' }))
    expect(calls).toEqual(['restart local1:remote1 ', 'add 5', 'restart local2:remote2 '])
  })

  it.each([
    ['only a new ufrag', { ...REMOTE, iceUfrag: 'changed' }],
    ['only a new password', { ...REMOTE, icePwd: NEXT.icePwd }],
  ])('with %s changes nothing', (_, credentials) => {
    expect(() => ice.trickle(fragment(credentials, 1))).toThrow(expect.objectContaining({ code: 'ice-mismatch' }))
    expect(ice.trickle(fragment(REMOTE, 2))).toEqual({ restarted: false })
    expect(calls).toEqual(['add 2'])
  })

  it('that comes late, for a session before a restart, does not bring that back', () => {
    ice.trickle(fragment(NEXT))
    expect(() => ice.trickle(fragment(REMOTE, 1))).toThrow(expect.objectContaining({ code: 'ice-mismatch' }))
    expect(ice.trickle(fragment(NEXT, 2))).toEqual({ restarted: false })
    expect(calls).toEqual(['restart local1:remote1 ', 'add 2'])
  })

  it('that is none changes nothing', () => {
    expect(() => ice.trickle('hello')).toThrow(expect.objectContaining({ code: 'sdp-invalid' }))
    expect(calls).toEqual([])
  })
})
