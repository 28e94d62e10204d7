/** Reads a stream of server-sent events over `fetch`, for tests. */

/** What a stream has told so far, and the way to end it. */
export interface EventReader {
  /** The `data` of the next event. Rejects when the stream has ended. */
  next(): Promise<string>
  close(): void
}

/** Opens the stream at `url`. */
export async function readEvents(url: string): Promise<EventReader> {
  const gone = new AbortController()
  const response = await fetch(url, { signal: gone.signal })
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`)
  const chunks = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n')
        const event = end < 0 ? undefined : text.slice(0, end)
        if (event !== undefined) text = text.slice(end + 2)
        const data = event === undefined ? undefined : /^data: (.*)$/m.exec(event)?.[1]
        if (data !== undefined) return data
        if (event !== undefined) continue
        const { done, value } = await chunks.read()
        if (done) throw new Error('the stream has ended')
        text += decoder.decode(value, { stream: true })
      }
    },
    close: () => gone.abort(),
  }
}
