/** WHEP's server-sent events, where the server has that extension. */
import type { Check } from '../check.js'
import { must, skip } from '../check-outcome.js'
import { readEvents, type ServerSentEvent } from '../event-reader.js'
import { linksOf } from '../parse-links.js'
import type { TestedServer } from '../tested-server.js'

const CLAUSE = 'WHEP extensions: events'
const REL = 'urn:ietf:params:whep:ext:core:server-sent-events'
const KNOWN_EVENTS = ['active', 'inactive', 'layers', 'reconnect', 'viewercount', 'scte35']
const JSON_TYPE = { 'content-type': 'application/json' }

/** A viewer, the URL at which it makes streams, and the events that are announced. */
async function extended(server: TestedServer) {
  const session = await server.open()
  const [link] = linksOf(session.created.headers, REL)
  if (!link) skip('the server does not have this extension')
  const events = link.parameters
    .get('events')
    ?.split(/[,\s]+/)
    .filter((name) => name !== '')
  return { session, url: new URL(link.target, session.url).href, events }
}

/** A stream of all events that are announced, or that there are. */
async function streaming(server: TestedServer) {
  const { session, url, events = KNOWN_EVENTS.slice(0, 2) } = await extended(server)
  const { status, headers } = await server.http.send('POST', url, { headers: JSON_TYPE, body: JSON.stringify(events) })
  must(status === 201, `a list of events was answered with ${status}`)
  const location = headers.get('location')
  must(location !== null, 'the 201 has no Location')
  return { session, events, stream: new URL(location, url).href }
}

/** Opens a stream as an EventSource does, without a token. */
async function open(server: TestedServer, stream: string): Promise<ReadableStream<Uint8Array>> {
  const { status, headers, body } = await server.http.open('GET', stream, { headers: { accept: 'text/event-stream' } })
  const type = headers.get('content-type')
  must(status === 200, `GET of the stream was answered with ${status}`)
  must(type?.startsWith('text/event-stream') === true, `Content-Type: ${type ?? 'none'}`)
  must(body !== null, 'the stream has no body')
  return body
}

/** What GET is answered with; a stream is not read. */
async function statusOf(server: TestedServer, url: string): Promise<number> {
  const { status, body } = await server.http.open('GET', url)
  await body?.cancel()
  return status
}

async function firstEvents(
  server: TestedServer,
): Promise<{ events: readonly ServerSentEvent[]; asked: readonly string[] }> {
  const { stream, events: asked } = await streaming(server)
  const { events } = await readEvents(await open(server, stream), server.patience.firstEventsMs)
  return { events, asked }
}

export const EVENT_CHECKS: readonly Check[] = [
  {
    id: 'events.announced',
    clause: CLAUSE,
    level: 'SHOULD',
    title: 'The link names its events, all of them known',
    only: 'whep',
    async run(server) {
      const { events = [] } = await extended(server)
      const unknown = events.filter((name) => !KNOWN_EVENTS.includes(name))
      must(events.length > 0, 'the link has no events')
      must(unknown.length === 0, `unknown: ${unknown.join(', ')}`)
    },
  },
  {
    id: 'events.created',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A list of events is answered with 201 and the Location of a stream',
    only: 'whep',
    async run(server) {
      await streaming(server)
    },
  },
  {
    id: 'events.unknown',
    clause: CLAUSE,
    level: 'MUST',
    title: 'An unknown event is refused with a 4xx, and no stream is made',
    only: 'whep',
    async run(server) {
      const { url } = await extended(server)
      const body = '["active","no-such-event"]'
      const { status, headers } = await server.http.send('POST', url, { headers: JSON_TYPE, body })
      must(status >= 400 && status < 500, `it was answered with ${status}`)
      must(!headers.has('location'), `it has the Location ${headers.get('location')}`)
    },
  },
  {
    id: 'events.malformed',
    clause: CLAUSE,
    level: 'MUST',
    title: 'What is no list is refused with a 4xx',
    only: 'whep',
    async run(server) {
      const { url } = await extended(server)
      for (const body of ['{"active":true}', '["active"', '"active"']) {
        const { status } = await server.http.send('POST', url, { headers: JSON_TYPE, body })
        must(status >= 400 && status < 500, `${body} was answered with ${status}`)
      }
    },
  },
  {
    id: 'events.stream',
    clause: CLAUSE,
    level: 'MUST',
    title: 'The stream is read as text/event-stream',
    only: 'whep',
    async run(server) {
      const { stream } = await streaming(server)
      await readEvents(await open(server, stream), 100)
    },
  },
  {
    id: 'events.one-line',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Each event has its data as JSON in one line',
    only: 'whep',
    async run(server) {
      const { events } = await firstEvents(server)
      if (events.length === 0) skip('no event came')
      for (const { event, data } of events) {
        must(data.length === 1, `${event} has ${data.length} data lines`)
        must(event === 'scte35' || isJson(data[0] as string), `the data of ${event} is no JSON`)
      }
    },
  },
  {
    id: 'events.asked',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Only events that were asked for are sent',
    only: 'whep',
    async run(server) {
      const { url } = await extended(server)
      const { status, headers } = await server.http.send('POST', url, { headers: JSON_TYPE, body: '["inactive"]' })
      must(status === 201, `a list of one event was answered with ${status}`)
      const stream = new URL(headers.get('location') ?? '', url).href
      const { events } = await readEvents(await open(server, stream), server.patience.firstEventsMs)
      const others = events.map(({ event }) => event).filter((event) => event !== 'inactive')
      must(others.length === 0, `also sent: ${others.join(', ')}`)
    },
  },
  {
    id: 'events.no-first-inactive',
    clause: CLAUSE,
    level: 'MUST',
    title: 'The first word is never inactive',
    only: 'whep',
    async run(server) {
      const { events } = await firstEvents(server)
      must(events[0]?.event !== 'inactive', 'it is')
    },
  },
  {
    id: 'events.deleted',
    clause: CLAUSE,
    level: 'MUST',
    title: 'A stream that was deleted is not there any more: 404',
    only: 'whep',
    async run(server) {
      const { stream } = await streaming(server)
      const { status } = await server.http.send('DELETE', stream)
      must(status >= 200 && status < 300, `DELETE was answered with ${status}`)
      const after = await statusOf(server, stream)
      must(after === 404, `GET after it was answered with ${after}`)
    },
  },
  {
    id: 'events.end',
    clause: CLAUSE,
    level: 'MUST',
    title: 'Streams end with the session',
    only: 'whep',
    async run(server) {
      const { session, stream } = await streaming(server)
      const { endMs } = server.patience
      const reading = readEvents(await open(server, stream), endMs)
      await server.http.send('DELETE', session.url)
      must((await reading).ended, `the stream goes on ${endMs} ms after DELETE of the session`)
      const status = await statusOf(server, stream)
      must(status >= 400 && status < 500, `GET after it was answered with ${status}`)
    },
  },
]

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
