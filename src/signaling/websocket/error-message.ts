/** What a request that failed is answered with: the error as HTTP adapters tell it, too. */
import { BroadcastError } from '../../errors.js'
import { createLog } from '../../util/log.js'
import type { WebSocketServerMessage } from './messages.js'
import type { Correlation } from './read-message.js'

const log = createLog('signaling')

/** The message. Faults on our side keep their own words for the log. */
export function errorMessage(error: unknown, correlation: Correlation): WebSocketServerMessage {
  const { code, message, details, httpStatus } = BroadcastError.from(error)
  const { id, session } = correlation
  const of = { ...(id === undefined ? {} : { id }), ...(session === undefined ? {} : { session }) }
  if (httpStatus >= 500 && httpStatus !== 503) {
    log('request failed: %O', error)
    return { type: 'error', ...of, code, message: 'The server failed to handle the request.' }
  }
  return { type: 'error', ...of, code, message, ...(Object.keys(details).length === 0 ? {} : { details }) }
}
