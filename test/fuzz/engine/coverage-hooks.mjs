/** Module hooks (node:module `register`) that load manycast's own modules with probes, see instrument.mjs. */
import { instrument } from './instrument.mjs'

const dist = new URL('../../../dist/', import.meta.url).href
let probes = 0

/** How Node.js loads a module while these hooks are in force. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  if (!url.startsWith(dist) || !url.endsWith('.js')) return loaded
  return { ...loaded, source: instrument(url, String(loaded.source), () => probes++) }
}
