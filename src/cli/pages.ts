/** Serves the web pages: the documents, their assets and the browser client, out of memory. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { type FetchHandler, isBroadcastName } from '../signaling/index.js'

/** The pages ship as they are in `src`, so that the way there is the same from `src/cli` and from `dist/cli`. */
const FOLDER = new URL('../../src/cli/pages/', import.meta.url)
/** What the pages import as `/client/index.js`: the package's own `manycast/client`. */
const CLIENT = new URL('../../dist/client/', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // Always asked for again, and mostly answered with 304: a new version shows at once.
  'cache-control': 'no-cache',
}

/** The name of a recording: a broadcast's, and a time. */
const RECORDING = /^[A-Za-z0-9._~-]{1,201}$/

interface Page {
  readonly type: string
  readonly body: string
  readonly etag: string
}

/** Options of {@link pages}. */
export interface PagesOptions {
  /** Whether there is a page at `/dashboard`; it shows nothing by itself, but asks the server. Default false. */
  readonly dashboard?: boolean
  /** Whether clients may be sent to other servers, which the pages have to be allowed to talk to then. Default false. */
  readonly elsewhere?: boolean
}

/**
 * A Fetch handler for `/`, `/publish/:name`, `/watch/:name`, `/play/:recording`, `/dashboard`, `/assets/…` and `/client/…`; everything else gets a page with 404.
 *
 * Files are looked up among the ones that were there at the start, so no path leads out of the folder.
 */
export function pages({ dashboard = false, elsewhere = false }: PagesOptions = {}): FetchHandler {
  const files = new Map([...readFiles(FOLDER, ''), ...readFiles(CLIENT, 'client/')])
  if (!dashboard) files.delete('dashboard.html')
  // The names of the others are known only when they are told.
  const policy = POLICY.replace("connect-src 'self'", "connect-src 'self' http: https:")
  const more = elsewhere ? { 'content-security-policy': policy } : {}
  const preloads = { ...more, link: preloadLinks(files) }
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    const file = fileFor(new URL(request.url).pathname)
    const page = files.get(file)
    if (page === undefined) return reply(files.get('not-found.html'), 404, request, more)
    return reply(page, 200, request, file === 'publish.html' || file === 'watch.html' ? preloads : more)
  }
}

function fileFor(pathname: string): string {
  if (pathname === '/') return 'index.html'
  if (pathname === '/dashboard') return 'dashboard.html'
  const [, first = '', second = '', ...more] = pathname.split('/')
  if (more.length > 0) return ''
  if (first === 'assets') return second.endsWith('.html') ? '' : second
  if (first === 'client') return `client/${second}`
  if (first === 'play') return RECORDING.test(second) ? 'play.html' : ''
  const isPage = (first === 'publish' || first === 'watch') && isBroadcastName(second)
  return isPage ? `${first}.html` : ''
}

/** The files of a folder, under names that begin with `prefix`. */
function readFiles(folder: URL, prefix: string): [name: string, page: Page][] {
  return readdirSync(folder).flatMap((name) => {
    const type = TYPES[extname(name)]
    if (type === undefined) return []
    const body = readFileSync(new URL(name, folder), 'utf8')
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    return [[`${prefix}${name}`, { type, body, etag }]]
  })
}

/**
 * The modules of the client, for the browser to load all at once: without being told, it finds each only when it has read the one that imports
 * it, which takes a phone half a dozen round trips.
 */
function preloadLinks(files: ReadonlyMap<string, Page>): string {
  const found = new Set<string>()
  const visit = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    const body = files.get(name)?.body ?? ''
    for (const [, imported] of body.matchAll(/ from '\.\/([^']+)'/g)) visit(`client/${imported}`)
  }
  visit('client/index.js')
  return [...found].map((name) => `</${name}>; rel="modulepreload"`).join(', ')
}

function reply(
  page: Page | undefined,
  status: number,
  request: Request,
  more: Readonly<Record<string, string>> = {},
): Response {
  if (page === undefined) return new Response('Not found', { status })
  const headers = { ...HEADERS, ...more, 'content-type': page.type, etag: page.etag }
  if (status === 200 && request.headers.get('if-none-match') === page.etag) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(page.body, {
    status,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(page.body)) },
  })
}
