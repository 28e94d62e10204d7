/** Listens to the server-sent events (HTML standard, section 9.2) of a relay's session, on servers that have them. Nothing depends on them. */
import { BroadcastError } from '../errors.js'
import type { TimerHost } from '../util/clock.js'
import { createLog } from '../util/log.js'
import type { RelayHttp } from './relay-http.js'
import { RELAY_EVENTS } from './relay-resource.js'

const log = createLog('relay')

/** The wait before a stream that ended is read again. */
const AGAIN_MS = 2000
/** No event is longer. */
const MAX_EVENT_CHARS = 16_384

/** What happens on the stream. */
export interface RelayEventsListener {
  /** The server wants its clients to connect anew. */
  onReconnect(): void
  /** The stream has ended: perhaps the server has, too. */
  onLost(): void
}

/** Makes a stream of events at `url` and reads it until `signal` aborts, or the server has no such stream any more. Does not fail. */
export async function listenToEvents(
  http: RelayHttp,
  url: URL,
  timers: TimerHost,
  signal: AbortSignal,
  listener: RelayEventsListener,
): Promise<void> {
  let stream: URL | undefined
  while (!signal.aborted) {
    try {
      stream ??= await makeStream(http, url, signal)
      const response = await http.open(stream, { accept: 'text/event-stream' }, signal)
      await readStream(response, () => listener.onReconnect())
    } catch (error) {
      const failure = BroadcastError.from(error)
      log('no events from %s: %s', url.origin, failure.message)
      if (stream === undefined || failure.code === 'relay-refused') return
    }
    if (signal.aborted) return
    listener.onLost()
    await sleep(timers, AGAIN_MS, signal)
  }
}

async function makeStream(http: RelayHttp, url: URL, signal: AbortSignal): Promise<URL> {
  const headers = { 'content-type': 'application/json' }
  const made = await http.send(url, { method: 'POST', headers, body: JSON.stringify(RELAY_EVENTS), signal })
  const location = made.headers.get('location') ?? ''
  if (!URL.canParse(location, made.url.href)) throw new BroadcastError('relay-refused', 'the event stream has no URL')
  return new URL(location, made.url)
}

async function readStream({ body }: Response, onReconnect: () => void): Promise<void> {
  if (body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/)
    rest = (blocks.pop() ?? '').slice(-MAX_EVENT_CHARS)
    for (const block of blocks) if (/^event: ?reconnect$/m.test(block)) onReconnect()
  }
}

function sleep(timers: TimerHost, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = timers.setTimer(delayMs, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
