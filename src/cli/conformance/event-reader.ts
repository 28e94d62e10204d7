/** Reads a stream of server-sent events for a while (HTML standard, section 9.2). */

/** One event. */
export interface ServerSentEvent {
  readonly event: string
  /** The `data` lines. */
  readonly data: readonly string[]
}

/** What came. */
export interface ReadEvents {
  readonly events: readonly ServerSentEvent[]
  /** The stream ended by itself. */
  readonly ended: boolean
}

/** Reads until `isEnough`, the end, or `timeoutMs`; then lets go of the stream. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  timeoutMs: number,
  isEnough: (events: readonly ServerSentEvent[]) => boolean = () => false,
): Promise<ReadEvents> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs)
  })
  let text = ''
  try {
    for (;;) {
      const result = await Promise.race([reader.read(), timeout])
      if (result === 'timeout') return { events: parseEvents(text), ended: false }
      if (result.done) return { events: parseEvents(text), ended: true }
      text += decoder.decode(result.value, { stream: true })
      const events = parseEvents(text)
      if (isEnough(events)) return { events, ended: false }
    }
  } finally {
    clearTimeout(timer)
    reader.cancel().catch(() => {})
  }
}

/** The events that are complete. */
function parseEvents(text: string): ServerSentEvent[] {
  const blocks = text.split(/\r?\n\r?\n/).slice(0, -1)
  return blocks.flatMap((block) => {
    const lines = block.split(/\r?\n/)
    const values = (name: string) =>
      lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : []))
    const data = values('data')
    return data.length === 0 ? [] : [{ event: values('event').at(-1) ?? 'message', data }]
  })
}
