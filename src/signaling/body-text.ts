/** What can be wrong with the body of a request, and its bytes as text. */
import { BroadcastError } from '../errors.js'

/** The bounds of a body; see `AdapterOptions`. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly bodyTimeoutMs: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text that `bytes` are. Throws `request-invalid` if they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new BroadcastError('request-invalid', 'the request body is not UTF-8 text', { cause })
  }
}

/** More came than is taken. */
export function tooLarge({ maxBodyBytes }: BodyLimits): BroadcastError {
  return new BroadcastError('request-too-large', `the body is larger than ${maxBodyBytes} bytes`, {
    details: { maxBodyBytes },
  })
}

/** It takes too long. */
export function tooSlow({ bodyTimeoutMs }: BodyLimits): BroadcastError {
  return new BroadcastError('request-timeout', `the body did not arrive within ${bodyTimeoutMs} ms`)
}

/** Nobody is there any more to send it. */
export function clientGone(): BroadcastError {
  return new BroadcastError('request-invalid', 'the client went away')
}
