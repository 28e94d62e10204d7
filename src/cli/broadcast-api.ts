/** What the pages ask the server: which broadcasts there are, and how many watch. */
import { type Authorize, isBroadcastName, type SignalingHandler } from '../signaling/index.js'
import { problemResponse } from '../signaling/responses.js'
import { permitOf } from './permit.js'

/** A broadcast as far as the list needs it. */
export interface ListedBroadcast {
  readonly name: string
  readonly live: boolean
  readonly viewers: { readonly length: number }
}

/** Where the list comes from. */
export interface BroadcastList {
  broadcasts(): readonly ListedBroadcast[]
}

/** Options of {@link broadcastApi}. */
export interface BroadcastApiOptions {
  readonly authorize?: Authorize | undefined
  /** Whether the broadcast of that name is being recorded; none is by default. */
  readonly isRecording?: ((name: string) => boolean) | undefined
}

const LIST = '/api/broadcasts'

/**
 * `GET /api/broadcasts`: a JSON list of `{ name, live, viewers }`, by name, with `recording: true` where it is recorded. `GET /api/broadcasts/:name`: one of them; a name that
 * nobody uses is not live and has no viewers. With `authorize`, the list is for who may view all of them, and one of them for who may
 * view it, or publish to it.
 */
export function broadcastApi(
  list: BroadcastList,
  { authorize, isRecording = () => false }: BroadcastApiOptions = {},
): SignalingHandler {
  const permit = permitOf(authorize)
  const entry = ({ name, live, viewers }: ListedBroadcast): Entry => ({
    name,
    live,
    viewers: viewers.length,
    ...(isRecording(name) ? { recording: true } : {}),
  })
  const knows = (url: URL): boolean => url.pathname === LIST || url.pathname.startsWith(`${LIST}/`)
  const handle = async (request: Request): Promise<Response> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    try {
      const { pathname } = new URL(request.url)
      if (pathname === LIST) {
        await permit(request, 'view')
        return json(list.broadcasts().filter(hasPages).map(entry).sort(byName))
      }
      // Names that may stand in URLs need no decoding.
      const name = pathname.slice(LIST.length + 1)
      if (!isBroadcastName(name)) return new Response(null, { status: 404 })
      await permit(request, 'view', name).catch(() => permit(request, 'publish', name))
      const broadcast = list.broadcasts().find((candidate) => candidate.name === name)
      return json(broadcast === undefined ? { name, live: false, viewers: 0 } : entry(broadcast))
    } catch (error) {
      return problemResponse(error).toResponse()
    }
  }
  return Object.assign(handle, { knows })
}

interface Entry {
  readonly name: string
  readonly live: boolean
  readonly viewers: number
  readonly recording?: true
}

/** Names that cannot stand in a URL have no page to link to. */
function hasPages({ name }: ListedBroadcast): boolean {
  return isBroadcastName(name)
}

function byName(a: Entry, b: Entry): number {
  return a.name < b.name ? -1 : 1
}

function json(value: unknown): Response {
  return Response.json(value, { headers: { 'cache-control': 'no-store' } })
}
