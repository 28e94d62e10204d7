/** The body of a node:http request as a web stream under back-pressure. */
import type { IncomingMessage } from 'node:http'

/** What may wait between socket and reader before the socket is paused. */
const HIGH_WATER_BYTES = 16 * 1024

/** Never errors after it was cancelled, and leaves the socket alone: the reply still has to go out over it. */
export function requestBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let stop = (): void => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const onData = (chunk: Buffer): void => {
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
          if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
        }
        const onEnd = (): void => {
          stop()
          controller.close()
        }
        const onFail = (): void => {
          stop()
          controller.error(new Error('the client went away'))
        }
        stop = () => {
          incoming.off('data', onData)
          incoming.off('end', onEnd)
          incoming.off('close', onFail)
          incoming.off('error', onFail)
          // Without this an 'error' of a request that nobody reads any more would end the process.
          incoming.on('error', () => {})
        }
        // A body parser in front may have taken everything; then there is nothing to wait for.
        if (incoming.readableEnded) return onEnd()
        incoming.on('data', onData)
        incoming.on('end', onEnd)
        incoming.on('close', onFail)
        incoming.on('error', onFail)
        incoming.pause()
      },
      pull() {
        incoming.resume()
      },
      cancel() {
        stop()
        incoming.pause()
      },
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.byteLength },
  )
}
