/** What the admin API answers, behind the door. */
import { BroadcastError } from '../../errors.js'
import { createLog } from '../../util/log.js'
import type { HttpReply } from '../http-reply.js'
import { type HttpRequest, requestUrl } from '../http-request.js'
import { emptyResponse, methodNotAllowed, noSuchPath, textResponse } from '../responses.js'
import type { AdminBroadcast, AdminSession, AdminTarget } from './admin-target.js'
import { listPage } from './list-page.js'

const READ_METHODS = 'GET, HEAD, OPTIONS'
const READ_AND_DELETE_METHODS = 'GET, HEAD, DELETE, OPTIONS'
const READ_AND_POST_METHODS = 'GET, HEAD, POST, OPTIONS'
/** A day. */
const MAX_DEADLINE_MS = 86_400_000

const log = createLog('signaling')

/** What a path names. */
export interface AdminPath {
  readonly list: string | undefined
  /** The name of a broadcast or the id of a session. */
  readonly item: string | undefined
  readonly part: string | undefined
  readonly tooLong: boolean
}

/** The path below the prefix, taken apart. */
export function adminPath(path: string): AdminPath {
  const [list, item, part, ...more] = path.split('/').map(decoded)
  return { list, item, part, tooLong: more.length > 0 || path.endsWith('/') }
}

/** Answers a request that may be answered. Throws what becomes a problem reply. */
export async function adminRoutes(target: AdminTarget, request: HttpRequest, path: AdminPath): Promise<HttpReply> {
  const { list, item, part, tooLong } = path
  if (tooLong) return noSuchPath()
  if (list === 'stats' && item === undefined) return read(request, () => target.stats())
  if (list === 'load' && item === undefined && target.load !== undefined)
    return read(request, async () => target.load?.())
  if (list === 'drain' && item === undefined) return drainRoute(target, request)
  if (list === 'broadcasts') {
    if (item === undefined) return read(request, async () => broadcastList(target, request))
    return broadcastRoutes(request, findBroadcast(target, item), part)
  }
  if (list === 'sessions') {
    if (item === undefined) return read(request, async () => sessionList(target, request))
    return sessionRoutes(request, findSession(target, item), part)
  }
  return noSuchPath()
}

/** Draining goes on behind the reply: it takes as long as the sessions take to go. */
async function drainRoute(target: AdminTarget, request: HttpRequest): Promise<HttpReply> {
  if (target.drain === undefined) return noSuchPath()
  const status = async (): Promise<unknown> => ({ draining: target.draining ?? false })
  if (request.method !== 'POST') return read(request, status, READ_AND_POST_METHODS)
  const deadlineMs = drainDeadline(request)
  target.drain(deadlineMs === undefined ? {} : { deadlineMs }).catch((error: unknown) => log('drain failed: %O', error))
  return textResponse(202, 'application/json', JSON.stringify({ draining: true }))
}

function drainDeadline(request: HttpRequest): number | undefined {
  const text = requestUrl(request).searchParams.get('deadlineMs')
  if (text === null) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) <= MAX_DEADLINE_MS) return Number(text)
  throw new BroadcastError('request-invalid', `the parameter deadlineMs is a whole number up to ${MAX_DEADLINE_MS}`)
}

async function broadcastRoutes(request: HttpRequest, broadcast: AdminBroadcast, part?: string): Promise<HttpReply> {
  if (part === 'stats') return read(request, () => broadcast.stats())
  if (part !== undefined) return noSuchPath()
  if (request.method !== 'DELETE') return read(request, async () => summary(broadcast), READ_AND_DELETE_METHODS)
  await broadcast.close()
  return emptyResponse(204)
}

async function sessionRoutes(request: HttpRequest, session: AdminSession, part?: string): Promise<HttpReply> {
  if (part === 'stats') return read(request, async () => (await session.stats()) ?? Promise.reject(noSuchSession()))
  if (part !== undefined) return noSuchPath()
  if (request.method !== 'DELETE') return read(request, async () => session.info(), READ_AND_DELETE_METHODS)
  await session.kick(kickMessage(request))
  return emptyResponse(204)
}

async function read(request: HttpRequest, value: () => Promise<unknown>, allow = READ_METHODS): Promise<HttpReply> {
  if (request.method === 'OPTIONS') return emptyResponse(204, { allow })
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(request, allow)
  return textResponse(200, 'application/json', JSON.stringify(await value()))
}

function broadcastList(target: AdminTarget, request: HttpRequest): unknown {
  const { total, items } = listPage(target.broadcasts(), requestUrl(request).searchParams)
  return { total, broadcasts: items.map(summary) }
}

const SESSION_FILTERS = ['broadcast', 'role', 'state', 'address'] as const

function sessionList(target: AdminTarget, request: HttpRequest): unknown {
  const { searchParams } = requestUrl(request)
  const wanted = SESSION_FILTERS.flatMap((name) => {
    const value = searchParams.get(name)
    return value === null ? [] : [{ name, value }]
  })
  const infos = target.sessions().map((session) => session.info())
  const { total, items } = listPage(
    infos.filter((info) => wanted.every(({ name, value }) => info[name] === value)),
    searchParams,
  )
  return { total, sessions: items }
}

function summary({ name, live, publishers, viewers }: AdminBroadcast): unknown {
  return { name, live, publishers: publishers.length, viewers: viewers.length }
}

function findBroadcast(target: AdminTarget, name: string): AdminBroadcast {
  const broadcast = target.broadcasts().find((candidate) => candidate.name === name)
  if (broadcast === undefined) throw new BroadcastError('broadcast-not-found', 'there is no broadcast of that name')
  return broadcast
}

function findSession(target: AdminTarget, id: string): AdminSession {
  const session = target.session(id)
  if (session === undefined) throw noSuchSession()
  return session
}

function noSuchSession(): BroadcastError {
  return new BroadcastError('session-not-found', 'there is no such session; it may have ended')
}

function kickMessage(request: HttpRequest): string | undefined {
  const message = requestUrl(request).searchParams.get('message') ?? undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (message === undefined || /^[^\u0000-\u001f\u007f]{0,256}$/.test(message)) return message
  throw new BroadcastError('request-invalid', 'the parameter message has at most 256 printable characters')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new BroadcastError('request-invalid', 'the path is not well encoded')
  }
}
