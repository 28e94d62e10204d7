import { expect, it } from 'vitest'
import { iceServersOf, parseLinks } from '../../../src/client/link-header.js'

it('reads what a server of WHEP sends', () => {
  const links = parseLinks(
    '<stun:stun.test>; rel="ice-server", ' +
      '<turn:turn.test?transport=udp>; rel="ice-server"; username="12:u,ser<"; credential="a\\"b\\\\c;d"; credential-type="password", ' +
      '</whep/x/1/events>;rel="urn:ietf:params:whep:ext:core:server-sent-events";events="active,layers",</whep/x/1/layer> ; REL=token',
  )
  expect(links.map(({ target }) => target)).toEqual([
    'stun:stun.test',
    'turn:turn.test?transport=udp',
    '/whep/x/1/events',
    '/whep/x/1/layer',
  ])
  expect(links[2]).toEqual({
    target: '/whep/x/1/events',
    rel: 'urn:ietf:params:whep:ext:core:server-sent-events',
    events: 'active,layers',
  })
  expect(links[3]).toEqual({ target: '/whep/x/1/layer', rel: 'token' })
  expect(iceServersOf(links)).toEqual([
    { urls: 'stun:stun.test' },
    { urls: 'turn:turn.test?transport=udp', username: '12:u,ser<', credential: 'a"b\\c;d' },
  ])
})

it('passes over what is malformed', () => {
  expect(parseLinks('')).toEqual([])
  expect(parseLinks('stun:x; rel="ice-server"')).toEqual([])
  expect(parseLinks('<x; rel="a')).toEqual([])
  expect(parseLinks('<x>; rel="a')).toEqual([{ target: 'x' }])
})

it('leaves out ICE servers that a browser would refuse', () => {
  const links = parseLinks(
    '<turn:turn.test>; rel=ice-server, <https://x.test>; rel=ice-server, <stun:x.test>; rel=next, <stuns:y.test>; rel=ice-server',
  )
  expect(iceServersOf(links)).toEqual([{ urls: 'stuns:y.test' }])
})
