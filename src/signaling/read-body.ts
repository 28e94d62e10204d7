/** Reads a request body as text under a bound on its size and on its time. */
import { BroadcastError } from '../errors.js'
import { type BodyLimits, clientGone, decodeText, tooLarge, tooSlow } from './body-text.js'
import { fetchRequest, type HttpRequest } from './http-request.js'
import { NodeRequest } from './node-request.js'

/**
 * The body of `request` as UTF-8 text; '' if it has none.
 *
 * Rejects with `request-too-large` (as soon as it is known, the rest is not read), `request-timeout`,
 * `media-type-unsupported` (compressed) or `request-invalid` (not UTF-8, or the client went away).
 */
export async function readBody(request: HttpRequest, limits: BodyLimits): Promise<string> {
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') {
    throw new BroadcastError('media-type-unsupported', 'compressed bodies are not taken')
  }
  // The header is only a shortcut to the refusal; the count below is what protects.
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBodyBytes) throw tooLarge(limits)
  const text = request instanceof NodeRequest ? request.text(limits) : undefined
  if (text !== undefined) return text
  const { body, signal } = fetchRequest(request)
  return body === null ? '' : decodeText(await readBytes(body, signal, limits))
}

async function readBytes(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const reader = body.getReader()
  const interruption = interrupted(signal, limits)
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), interruption.promise])
      if (done) return Buffer.concat(chunks, bytes)
      bytes += value.byteLength
      if (bytes > limits.maxBodyBytes) throw tooLarge(limits)
      chunks.push(value)
    }
  } catch (error) {
    // Nobody waits for the rest; a body that fails while it is given up is not news.
    reader.cancel().catch(() => {})
    if (error instanceof BroadcastError) throw error
    throw new BroadcastError('request-invalid', 'the request body ended early', { cause: error })
  } finally {
    interruption.stop()
  }
}

/** A promise that rejects when the body takes too long or the client goes away, and the way to stop waiting for that. */
function interrupted(signal: AbortSignal, limits: BodyLimits): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => {}
  const promise = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(clientGone())
    const onTimeout = (): void => reject(tooSlow(limits))
    const timer = setTimeout(onTimeout, limits.bodyTimeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    stop = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  promise.catch(() => {})
  return { promise, stop }
}
