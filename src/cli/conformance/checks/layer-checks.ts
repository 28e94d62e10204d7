/** WHEP's layer selection, where the server has that extension. */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { linksOf } from '../parse-links.js'
import type { TestedServer } from '../tested-server.js'

const CLAUSE = 'WHEP extensions: layers'
const REL = 'urn:ietf:params:whep:ext:core:layer'
const EVENTS_REL = 'urn:ietf:params:whep:ext:core:server-sent-events'

/** POSTs a selection in a new session. */
async function select(server: TestedServer, body: string): Promise<number> {
  const session = await server.open()
  const [link] = linksOf(session.created.headers, REL)
  if (!link) skip('the server does not have this extension')
  const url = new URL(link.target, session.url).href
  const headers = { 'content-type': 'application/json' }
  return (await server.http.send('POST', url, { headers, body })).status
}

export const LAYER_CHECKS: readonly Check[] = [
  {
    id: 'layer.events',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A server with layer selection has server-sent events with layers',
    only: 'whep',
    async run(server) {
      const { headers } = (await server.sample()).created
      if (linksOf(headers, REL).length === 0) skip('the server does not have this extension')
      const events =
        linksOf(headers, EVENTS_REL)[0]
          ?.parameters.get('events')
          ?.split(/[,\s]+/) ?? []
      must(events.includes('layers'), `it announces the events ${events.join(', ') || 'none'}`)
    },
  },
  {
    id: 'layer.automatic',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A selection without constraints is answered with 200',
    only: 'whep',
    async run(server) {
      const status = await select(server, '{"mediaId":"1"}')
      must(status === 200, `it was answered with ${status}`)
    },
  },
  {
    id: 'layer.default-section',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A selection without mediaId is for the first video',
    only: 'whep',
    async run(server) {
      const status = await select(server, '{"maxHeight":360}')
      must(status === 200, `it was answered with ${status}`)
    },
  },
  {
    id: 'layer.malformed',
    clause: CLAUSE,
    level: 'MUST',
    title: 'What is no selection is refused with a 4xx',
    only: 'whep',
    async run(server) {
      for (const body of ['{"mediaId":', '[]', '{"mediaId":"99"}']) {
        const status = await select(server, body)
        must(status >= 400 && status < 500, `${body} was answered with ${status}`)
      }
    },
  },
]
