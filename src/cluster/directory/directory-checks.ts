/** What every directory refuses, whatever it stands on. */
import { BroadcastError } from '../../errors.js'
import { integerOption, numberOption, refuseOption } from '../../util/options.js'
import type { NodeRecord } from '../types.js'

/** The longest time that a heartbeat or a lease may be good for: a day. */
const MAX_TTL_MS = 86_400_000

/**
 * A time to live, checked.
 *
 * @throws BroadcastError `option-invalid`
 */
export function checkTtl(ttlMs: number): number {
  return integerOption('ttlMs', ttlMs, MAX_TTL_MS, 1, MAX_TTL_MS)
}

/**
 * A text that becomes a part of keys, checked.
 *
 * @throws BroadcastError `option-invalid`
 */
export function checkText(name: string, text: string): string {
  if (typeof text !== 'string' || text === '' || text.length > 2048) {
    refuseOption(name, 'a text of 1 to 2048 characters', text)
  }
  return text
}

/**
 * A heartbeat, checked.
 *
 * @throws BroadcastError `option-invalid`
 */
export function checkNode(node: NodeRecord): NodeRecord {
  checkText('nodeId', node.nodeId)
  checkText('url', node.url)
  if (typeof node.region !== 'string') refuseOption('region', 'a text', node.region)
  numberOption('capacity', node.capacity, 0, 0, Number.MAX_SAFE_INTEGER)
  numberOption('viewers', node.viewers, 0, 0, Number.MAX_SAFE_INTEGER)
  numberOption('utilization', node.utilization, 0, 0, Number.MAX_SAFE_INTEGER)
  return node
}

/** Nothing more is asked of a directory that was closed. */
export function closedError(): BroadcastError {
  return new BroadcastError('closed', 'the directory is closed')
}
