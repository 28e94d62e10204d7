/** Server-sent events (HTML standard, section 9.2) of WHEP, read by fetch: an EventSource could not send the token. */
import type { ClientError } from './client-error.js'
import { type Http, locationOf } from './http.js'
import { Pause } from './pause.js'

const RETRY_MS = 5000

/** What to do at each event, with its JSON. */
export type ServerEventHandlers = Readonly<Record<string, (data: unknown) => void>>

/** Makes a stream of the events that have handlers at `url` and reads it until `signal` aborts; does not fail, as media do not depend on it. */
export async function readServerEvents(
  http: Http,
  url: URL,
  signal: AbortSignal,
  handlers: ServerEventHandlers,
): Promise<void> {
  let stream: URL | undefined
  while (!signal.aborted) {
    try {
      if (!stream) {
        stream = locationOf((await http.postJson(url, Object.keys(handlers))).response)
        if (!stream) return
      }
      await readStream(await http.open(stream, { signal }), handlers)
    } catch (error) {
      // Refused: there is no such stream, or no session any more.
      if ((error as ClientError).status) return
    }
    await new Pause().sleep(RETRY_MS)
  }
}

async function readStream({ body }: Response, handlers: ServerEventHandlers): Promise<void> {
  const reader = (body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + value).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      // WHEP has one line of data in each event.
      const [name, data] = [/^event: ?(.*)$/m, /^data: ?(.*)$/m].map((field) => field.exec(block)?.[1])
      if (name && data) handlers[name]?.(JSON.parse(data))
    }
  }
}
