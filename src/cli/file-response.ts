/** Files over HTTP, whole or in part, so that browsers can seek in them (RFC 9110, section 14). */
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** What follows `bytes=`: a single range. Several at once are not served, and then the whole file is. */
const RANGE = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/

/** A part of a file, both ends included. */
interface Part {
  readonly first: number
  readonly last: number
}

/** Answers GET and HEAD with the file at `path`, with 404 if there is none. */
export async function fileResponse(
  request: Request,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const handle = await open(path).catch(() => undefined)
  if (handle === undefined) return new Response(null, { status: 404 })
  const { size } = await handle.stat()
  const wanted = partOf(request.headers.get('range'), size)
  if (wanted === 'unsatisfiable') {
    await handle.close()
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${size}` } })
  }
  const { first, last } = wanted ?? { first: 0, last: size - 1 }
  const all = { ...headers, 'accept-ranges': 'bytes', 'content-length': String(last - first + 1) }
  const partial = wanted === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }
  const init = { status: wanted === undefined ? 200 : 206, headers: { ...all, ...partial } }
  if (request.method === 'HEAD' || last < first) {
    await handle.close()
    return new Response(null, init)
  }
  // The file may be growing: no more than was announced.
  const stream = handle.createReadStream({ start: first, end: last })
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, init)
}

/** The part that a Range header asks for; undefined for all of it. */
function partOf(range: string | null, size: number): Part | 'unsatisfiable' | undefined {
  const match = RANGE.exec(range ?? '')
  if (match === null) return undefined
  const [, from, to, suffix] = match
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size)
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 }
  }
  const first = Number(from)
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < first) return undefined
  return first >= size ? 'unsatisfiable' : { first, last }
}
