/** Request bodies in JSON. */
import { BroadcastError } from '../../errors.js'
import type { AdapterConfig } from '../adapter-options.js'
import type { HttpRequest } from '../http-request.js'
import { mediaType } from '../media-type.js'
import { readBody } from '../read-body.js'

/** The second one is a slip of the pen in the WHEP draft, which clients may have copied. */
const JSON_TYPES: readonly string[] = ['application/json', 'application/sjon']

/** The value of the body; undefined where there is no body. Rejects as `readBody` does, and with `media-type-unsupported`, `request-invalid`. */
export async function readJson(request: HttpRequest, config: AdapterConfig): Promise<unknown> {
  const type = mediaType(request)
  const text = await readBody(request, config)
  if (text === '') return undefined
  if (!JSON_TYPES.includes(type))
    throw new BroadcastError('media-type-unsupported', 'the body must be application/json')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new BroadcastError('request-invalid', 'the body is not JSON', { cause })
  }
}
