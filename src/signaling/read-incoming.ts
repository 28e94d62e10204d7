/** Reads the body of a node:http request without a web stream in between. */
import type { IncomingMessage } from 'node:http'
import type { BroadcastError } from '../errors.js'
import { type BodyLimits, clientGone, decodeText, tooLarge, tooSlow } from './body-text.js'

/**
 * The body as text. Rejects with `request-too-large` (the rest is not read), `request-timeout`, or `request-invalid` (not UTF-8, or the client went
 * away); the socket is left alone then, as the reply still has to go out over it.
 */
export function readIncoming(incoming: IncomingMessage, limits: BodyLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    // A body parser in front may have taken everything; then there is nothing to wait for.
    if (incoming.readableEnded) return resolve('')
    if (incoming.destroyed) return reject(clientGone())
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = (): void => {
      clearTimeout(timer)
      incoming.off('data', onData)
      incoming.off('end', onEnd)
      incoming.off('close', onGone)
      incoming.off('error', onGone)
      // Without this an 'error' of a request that nobody reads any more would end the process.
      incoming.on('error', ignore)
    }
    const refuse = (error: BroadcastError): void => {
      stop()
      incoming.pause()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limits.maxBodyBytes) return refuse(tooLarge(limits))
      chunks.push(chunk)
    }
    const onEnd = (): void => {
      stop()
      try {
        resolve(decodeText(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)))
      } catch (error) {
        reject(error)
      }
    }
    const onGone = (): void => refuse(clientGone())
    const timer = setTimeout(() => refuse(tooSlow(limits)), limits.bodyTimeoutMs)
    incoming.on('data', onData)
    incoming.on('end', onEnd)
    incoming.on('close', onGone)
    incoming.on('error', onGone)
    incoming.resume()
  })
}

function ignore(): void {}
