/** What the pages need to play recordings: a list of them, and their files. */
import { type Authorize, isBroadcastName, type SignalingHandler } from '../signaling/index.js'
import { problemResponse } from '../signaling/responses.js'
import { fileResponse } from './file-response.js'
import { permitOf } from './permit.js'
import { type LibraryEntry, RecordingLibrary } from './recording-library.js'

/** Options of {@link recordingsApi}. */
export interface RecordingsApiOptions {
  readonly authorize?: Authorize | undefined
}

const LIST = '/api/recordings'
const FILES = '/recordings/'
const TYPES: Readonly<Record<string, string>> = { webm: 'video/webm', mp4: 'video/mp4' }
/** The newest ones. */
const MAX_LISTED = 200

/**
 * `GET /api/recordings`: a JSON list of what is in the folder, newest first. `GET /api/recordings/:id`: one of them. `GET /recordings/:file`: a file, or a part of
 * it. With `authorize`, the list is for who may view all broadcasts, and one recording and its files for who may view its broadcast. Players cannot set headers, so the
 * token may be in the URL, too, as `?token=`.
 */
export function recordingsApi(dir: string, { authorize }: RecordingsApiOptions = {}): SignalingHandler {
  const permit = permitOf(authorize, 'token')
  const library = new RecordingLibrary(dir)
  const knows = ({ pathname }: URL): boolean =>
    pathname === LIST || pathname.startsWith(`${LIST}/`) || pathname.startsWith(FILES)
  const may = (request: Request, { info }: LibraryEntry) =>
    permit(request, 'view', isBroadcastName(info.broadcast) ? info.broadcast : undefined)

  const answer = async (request: Request, pathname: string): Promise<Response> => {
    if (pathname === LIST) {
      await permit(request, 'view')
      return json((await library.list()).slice(0, MAX_LISTED).map(shown))
    }
    if (pathname.startsWith(FILES)) {
      const found = await library.find(pathname.slice(FILES.length))
      if (found === undefined) return nothing(request, permit)
      await may(request, found.entry)
      return fileResponse(request, found.path, fileHeaders(found.path))
    }
    const id = pathname.slice(LIST.length + 1)
    const entry = (await library.list()).find((candidate) => candidate.id === id)
    if (entry === undefined) return nothing(request, permit)
    await may(request, entry)
    return json(shown(entry))
  }

  const handle = async (request: Request): Promise<Response> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    try {
      return await answer(request, new URL(request.url).pathname)
    } catch (error) {
      return problemResponse(error).toResponse()
    }
  }
  return Object.assign(handle, { knows })
}

/** Who may not see anything does not learn what is not there. */
async function nothing(request: Request, permit: ReturnType<typeof permitOf>): Promise<Response> {
  await permit(request, 'view')
  return new Response(null, { status: 404 })
}

function shown({ id, info, abandoned }: LibraryEntry) {
  const { broadcast, startedAt, segments } = info
  const state = abandoned ? 'failed' : info.state
  const files = segments.map(({ file, durationMs, bytes, complete }) => ({ file, durationMs, bytes, complete }))
  return { id, broadcast, state, startedAt, files }
}

function fileHeaders(path: string): Record<string, string> {
  return {
    'content-type': TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    'content-security-policy': "default-src 'none'; media-src 'self'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  }
}

function json(value: unknown): Response {
  return Response.json(value, { headers: { 'cache-control': 'no-store' } })
}
