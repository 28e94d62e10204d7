/** The media type of a request (RFC 9110, section 8.3.1): case and parameters do not matter. */
import type { HttpRequest } from './http-request.js'

/** `type/subtype` of the Content-Type in lower case, or '' if there is none. */
export function mediaType(request: HttpRequest): string {
  const value = request.headers.get('content-type') ?? ''
  const end = value.indexOf(';')
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase()
}
