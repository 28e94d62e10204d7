/** `Link` header fields: ICE servers and extensions (RFC 9725, sections 4.6 and 4.9). */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { linksOf, parseLinks } from '../parse-links.js'
import type { TestedServer } from '../tested-server.js'

const ICE_URL = /^(?:stuns?|turns?):[^\s/]+$/

async function iceServers(server: TestedServer) {
  const links = linksOf((await server.sample()).created.headers, 'ice-server')
  if (links.length === 0) skip('the server names no ICE servers')
  return links
}

export const LINK_CHECKS: readonly Check[] = [
  {
    id: 'link.form',
    clause: 'RFC 8288 §3',
    level: 'MUST',
    title: 'Link is well-formed, and each link has a rel',
    async run(server) {
      const value = (await server.sample()).created.headers.get('link')
      if (value === null) skip('the 201 has no Link')
      const links = parseLinks(value)
      must(links !== undefined, `Link: ${value}`)
      must(
        links.every(({ parameters }) => (parameters.get('rel') ?? '') !== ''),
        'there is a link without rel',
      )
    },
  },
  {
    id: 'link.ice-server',
    clause: 'RFC 9725 §4.6',
    level: 'MUST',
    title: 'ICE servers are stun and turn URLs, one per link',
    async run(server) {
      const wrong = (await iceServers(server)).find(({ target }) => !ICE_URL.test(target))
      must(wrong === undefined, `<${wrong?.target}>`)
    },
  },
  {
    id: 'link.turn-credentials',
    clause: 'RFC 9725 §4.6',
    level: 'MUST',
    title: 'TURN servers have a username and a credential',
    async run(server) {
      const turn = (await iceServers(server)).filter(({ target }) => target.startsWith('turn'))
      if (turn.length === 0) skip('the server names no TURN servers')
      for (const { target, parameters } of turn) {
        must(parameters.has('username') && parameters.has('credential'), `<${target}> has not`)
        const type = parameters.get('credential-type') ?? 'password'
        must(type === 'password', `<${target}> has the credential-type ${type}`)
      }
    },
  },
  {
    id: 'link.preflight',
    clause: 'RFC 9725 §4.6',
    level: 'SHOULD',
    title: 'A CORS preflight makes no TURN credentials',
    async run(server) {
      const { headers } = await server.http.send('OPTIONS', server.endpoint, {
        token: null,
        headers: { origin: 'https://conformance.example', 'access-control-request-method': 'POST' },
      })
      const turn = linksOf(headers, 'ice-server').filter(({ parameters }) => parameters.has('credential'))
      must(turn.length === 0, `<${turn[0]?.target}> has a credential`)
    },
  },
  {
    id: 'link.extension',
    clause: 'RFC 9725 §4.9',
    level: 'MUST',
    title: 'Extensions have the URN of the protocol, and a URL',
    async run(server) {
      const { created, url } = await server.sample()
      const links = parseLinks(created.headers.get('link')) ?? []
      const extensions = links.filter(({ parameters }) => parameters.get('rel')?.includes(':ext:'))
      if (extensions.length === 0) skip('the server has no extensions')
      for (const { target, parameters } of extensions) {
        const rel = parameters.get('rel') ?? ''
        must(rel.startsWith(`urn:ietf:params:${server.protocol}:ext:`), `rel="${rel}"`)
        must(target !== '' && URL.canParse(target, url), `<${target}> is no URL`)
      }
    },
  },
]
