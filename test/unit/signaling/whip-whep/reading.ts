/** Reads a stream of text on and on, as an EventSource does. */

/** What came since the last `take`, and whether it is over. */
export function reading(body: ReadableStream<Uint8Array>): { take(): Promise<string>; readonly done: boolean } {
  let text = ''
  let done = false
  const read = async (): Promise<void> => {
    for await (const chunk of body) text += new TextDecoder().decode(chunk as Uint8Array)
    done = true
  }
  void read()
  return {
    async take() {
      // Promises settle.
      await new Promise<void>((resolve) => setImmediate(resolve))
      const taken = text
      text = ''
      return taken
    },
    get done() {
      return done
    },
  }
}
