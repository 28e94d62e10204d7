/**
 * Which nodes media come through: the `Manycast-Path` header, by which relays find out that they would feed themselves.
 *
 *     Manycast-Path = node-id *( OWS "," OWS node-id )
 *     node-id       = 1*64( ALPHA / DIGIT / "-" / "." / "_" / "~" )
 *
 * In a pull's request it names the node that asks. Everywhere else it names the nodes that the media have come through, the first one first, and last
 * the node that sends the header.
 */
import { BroadcastError } from '../errors.js'

/** The name of the header. */
export const RELAY_PATH_HEADER = 'Manycast-Path'

/** So many nodes can be named; `maxRelayDepth` is not more. */
export const MAX_PATH_NODES = 32

const NODE_ID = /^[A-Za-z0-9._~-]{1,64}$/
/** Of the longest path that can be written. */
const MAX_TEXT = MAX_PATH_NODES * 67

/** Whether `id` can name a node. */
export function isNodeId(id: unknown): id is string {
  return typeof id === 'string' && NODE_ID.test(id)
}

/** The nodes that the value of a header names; undefined for what is no path. */
export function parseRelayPath(value: string): readonly string[] | undefined {
  if (value.length > MAX_TEXT) return undefined
  const nodes = value.split(',').map((node) => node.replace(/^[ \t]+|[ \t]+$/g, ''))
  return nodes.length <= MAX_PATH_NODES && nodes.every(isNodeId) ? nodes : undefined
}

/** The value of a header that names `nodes`; of too many, those that the media came through last. */
export function formatRelayPath(nodes: readonly string[]): string {
  return nodes.slice(-MAX_PATH_NODES).join(', ')
}

/**
 * Whether media that came through `path` may go on through `nodeId`. Throws `relay-loop` if they were there before, `relay-too-deep` if they came
 * through more than `maxDepth` nodes.
 */
export function checkRelayPath(path: readonly string[], nodeId: string, maxDepth: number): void {
  if (path.includes(nodeId)) {
    throw new BroadcastError('relay-loop', 'the relay would feed itself', { details: { path } })
  }
  if (path.length > maxDepth) {
    throw new BroadcastError('relay-too-deep', `the media come through ${path.length} nodes, and ${maxDepth} may be`, {
      details: { path, maxDepth },
    })
  }
}

/** Whether two paths are the same. */
export function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i])
}
