/** Serves the web pages: three documents and their assets, out of memory. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { type FetchHandler, isBroadcastName } from '../signaling/index.js'

/** The pages ship as they are in `src`, so that the way there is the same from `src/cli` and from `dist/cli`. */
const FOLDER = new URL('../../src/cli/pages/', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // Always asked for again, and mostly answered with 304: a new version shows at once.
  'cache-control': 'no-cache',
}

interface Page {
  readonly type: string
  readonly body: string
  readonly etag: string
}

/**
 * A Fetch handler for `/`, `/publish/:name`, `/watch/:name` and `/assets/…`; everything else gets a page with 404.
 *
 * Files are looked up among the ones that were there at the start, so no path leads out of the folder.
 */
export function pages(): FetchHandler {
  const files = readPages()
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    const page = files.get(fileFor(new URL(request.url).pathname))
    const missing = files.get('not-found.html')
    return page === undefined ? reply(missing, 404, request) : reply(page, 200, request)
  }
}

function fileFor(pathname: string): string {
  if (pathname === '/') return 'index.html'
  const [, first = '', second = '', ...more] = pathname.split('/')
  if (more.length > 0) return ''
  if (first === 'assets') return second.endsWith('.html') ? '' : second
  const isPage = (first === 'publish' || first === 'watch') && isBroadcastName(second)
  return isPage ? `${first}.html` : ''
}

function readPages(): ReadonlyMap<string, Page> {
  return new Map(
    readdirSync(FOLDER).flatMap((name) => {
      const type = TYPES[extname(name)]
      if (type === undefined) return []
      const body = readFileSync(new URL(name, FOLDER), 'utf8')
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      return [[name, { type, body, etag }] as const]
    }),
  )
}

function reply(page: Page | undefined, status: number, request: Request): Response {
  if (page === undefined) return new Response('Not found', { status })
  const headers = { ...HEADERS, 'content-type': page.type, etag: page.etag }
  if (status === 200 && request.headers.get('if-none-match') === page.etag) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(page.body, {
    status,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(page.body)) },
  })
}
