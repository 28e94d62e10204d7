/** What others send never begins a line of its own in the log (CWE-117). */
import debug from 'debug'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { plainExchange, whipWhep } from '../../../src/signaling/index.js'
import { fakeSfu } from '../../support/fake-sfu.js'
import { VIEWER_OFFER } from '../../support/offers.js'
import { settle, websocketScene } from '../signaling/websocket/scene.js'

const FORGED = 'FORGED line of a log'
const EVIL = `x\r\n${FORGED}\u2028${FORGED}\u001b[2J`

const lines: string[] = []
const write = debug.log
beforeEach(() => {
  lines.length = 0
  debug.log = (...args: unknown[]) => void lines.push(...args.map(String))
  debug.enable('manycast:*')
})
afterEach(() => {
  debug.disable()
  debug.log = write
})

const begun = (): string[] =>
  lines.flatMap((text) => text.split(/[\r\n\u2028]/)).filter((line) => line.startsWith(FORGED))

it('over HTTP: names, tokens, offers, headers', async () => {
  const { sfu } = fakeSfu()
  const authorize = ({ token }: { token?: string | undefined }) => {
    if (token !== undefined) throw new Error(`no such token`)
    return {}
  }
  const handlers = [whipWhep(sfu, { authorize }), plainExchange(sfu, { authorize })]
  const bodies = [
    EVIL,
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=${EVIL}\r\nt=0 0\r\n`,
    JSON.stringify({ type: EVIL, sdp: EVIL }),
  ]
  for (const handler of handlers) {
    for (const path of [
      '/sdp',
      '/whip/main',
      `/whip/${encodeURIComponent(EVIL)}`,
      `/whep/main/${encodeURIComponent(EVIL)}`,
    ]) {
      for (const body of bodies) {
        for (const headers of [{}, { authorization: `Bearer ${encodeURIComponent(EVIL)}` }]) {
          const type = path === '/sdp' ? 'application/json' : 'application/sdp'
          const init = { method: 'POST', body, headers: { 'content-type': type, ...headers } }
          const response = await handler(new Request(`http://localhost${path}`, init))
          expect(response.status).toBeLessThan(500)
          for (const [name, value] of response.headers) expect(name + value).not.toContain(FORGED)
        }
      }
    }
  }
  await sfu.close()
  expect(lines.length).toBeGreaterThan(0)
  expect(begun()).toEqual([])
})

it('over WebSockets: every field of every message', async () => {
  const { connect, adapter } = websocketScene()
  const socket = connect()
  for (const type of ['publish', 'view', 'trickle', 'layer', 'bye', 'resume', EVIL]) {
    socket.receive({
      type,
      id: EVIL.slice(0, 60),
      session: 'a',
      broadcast: 'main',
      sdp: `v=0${EVIL}`,
      token: EVIL,
      as: EVIL,
      fragment: EVIL,
      resumeToken: EVIL,
    })
    socket.receive({ type, session: EVIL, broadcast: EVIL, sdp: EVIL, layer: { maxRid: EVIL }, mid: EVIL })
    await settle()
  }
  await adapter.close()
  expect(begun()).toEqual([])
})

it('by an application that passes on the names that it is told', async () => {
  const { sfu } = fakeSfu()
  await expect(sfu.view(VIEWER_OFFER, { broadcast: EVIL })).rejects.toMatchObject({ code: 'request-invalid' })
  const { session } = await sfu.view(VIEWER_OFFER, { broadcast: `x\u2028${FORGED}`, metadata: { text: EVIL } })
  await session.close()
  await sfu.close()
  expect(lines.some((line) => line.includes(FORGED))).toBe(true)
  expect(begun()).toEqual([])
})
