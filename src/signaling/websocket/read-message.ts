/** From the text of a frame to a message. */
import { BroadcastError } from '../../errors.js'
import { isBroadcastName } from '../broadcast-name.js'
import type { CandidateInit, RequestId, WebSocketClientMessage } from './messages.js'
import {
  type Fields,
  invalidField,
  readObject,
  readOptionalBoolean,
  readOptionalText,
  readText,
} from './read-fields.js'
import { readLayer } from './read-layer.js'

/** What a reply or an error is told apart by. */
export interface Correlation {
  readonly id?: RequestId
  readonly session?: string
}

/** A message, or why there is none, with as much of it as the error can be answered to. */
export type ReadMessage =
  | { readonly message: WebSocketClientMessage }
  | { readonly error: BroadcastError; readonly correlation: Correlation }

const MAX_ID_LENGTH = 64
const MAX_PUBLISHER_NAME = 128
const MAX_MID_LENGTH = 256
const SESSION_NAME = /^[\w.~-]{1,64}$/

/** Reads `text`; never throws. Fields that are not known are passed over. */
export function readMessage(text: string): ReadMessage {
  let correlation: Correlation = {}
  try {
    const fields = readObject('message', parse(text))
    correlation = readCorrelation(fields)
    return { message: readFields(fields, correlation) }
  } catch (error) {
    return { error: BroadcastError.from(error), correlation }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new BroadcastError('request-invalid', 'the message is not JSON', { cause })
  }
}

/** What there is of it; a malformed part is missing here, and refused where it is needed. */
function readCorrelation({ id, session }: Fields): Correlation {
  return {
    ...(isRequestId(id) ? { id } : {}),
    ...(isSessionName(session) ? { session } : {}),
  }
}

function readFields(fields: Fields, { id }: Correlation): WebSocketClientMessage {
  if (fields.id !== undefined && id === undefined) {
    throw invalidField('id', `a whole number, or a text of 1 to ${MAX_ID_LENGTH} characters`)
  }
  const request = id === undefined ? {} : { id }
  switch (fields.type) {
    case 'publish':
      return { ...request, type: 'publish', ...readOffer(fields), ...optional('as', fields, MAX_PUBLISHER_NAME) }
    case 'view': {
      const requireLive = readOptionalBoolean(fields, 'requireLive')
      const layer = fields.layer ?? undefined
      return {
        ...request,
        type: 'view',
        ...readOffer(fields),
        ...(layer === undefined ? {} : { layer: readLayer(readObject('layer', layer)) }),
        ...(requireLive === undefined ? {} : { requireLive }),
      }
    }
    case 'trickle':
      return { ...request, type: 'trickle', session: readSession(fields), ...readTrickle(fields) }
    case 'layer':
      return {
        ...request,
        type: 'layer',
        session: readSession(fields),
        layer: fields.layer === null ? null : readLayer(readObject('layer', fields.layer)),
        ...optional('mid', fields, MAX_MID_LENGTH),
      }
    case 'layers': {
      const watch = readOptionalBoolean(fields, 'watch')
      return {
        ...request,
        type: 'layers',
        session: readSession(fields),
        ...(watch === undefined ? {} : { watch }),
      }
    }
    case 'bye':
      return { ...request, type: 'bye', session: readSession(fields) }
    case 'resume':
      return { ...request, type: 'resume', resumeToken: readText(fields, 'resumeToken'), ...optional('token', fields) }
    case 'ping':
    case 'pong':
      return { ...request, type: fields.type }
    default:
      throw invalidField('type', 'one of publish, view, trickle, layer, layers, bye, resume, ping, pong')
  }
}

function readOffer(fields: Fields) {
  const broadcast = readText(fields, 'broadcast')
  if (!isBroadcastName(broadcast)) {
    throw invalidField('broadcast', '1 to 128 letters, digits, dots, hyphens, underscores or tildes')
  }
  return { session: readSession(fields), broadcast, sdp: readText(fields, 'sdp'), ...optional('token', fields) }
}

function readTrickle(fields: Fields): { fragment: string } | { candidate: CandidateInit | null } {
  if (fields.candidate === undefined) return { fragment: readText(fields, 'fragment') }
  if (fields.fragment !== undefined) throw invalidField('candidate', 'either this or fragment')
  if (fields.candidate === null) return { candidate: null }
  const init = readObject('candidate', fields.candidate)
  const { candidate } = init
  if (typeof candidate !== 'string') throw invalidField('candidate', 'an object with a text "candidate", or null')
  return { candidate: { candidate, ...optional('usernameFragment', init) } }
}

function readSession(fields: Fields): string {
  const { session } = fields
  if (!isSessionName(session)) {
    throw invalidField('session', '1 to 64 letters, digits, dots, hyphens, underscores or tildes')
  }
  return session
}

function optional<Name extends string>(
  name: Name,
  fields: Fields,
  maxLength?: number,
): Record<never, never> | Record<Name, string> {
  const value = readOptionalText(fields, name, maxLength)
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>)
}

function isRequestId(value: unknown): value is RequestId {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH
}

function isSessionName(value: unknown): value is string {
  return typeof value === 'string' && SESSION_NAME.test(value)
}
