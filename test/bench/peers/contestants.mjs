/** Who takes turns in the comparison. A new one is one more entry. */
import { SERVERS } from '../servers/index.mjs'

/**
 * @typedef {object} Contestant
 * @property {string} title in tables and plots
 * @property {'server' | 'limit'} kind
 * @property {number} maxRate packets per second to viewers above which it is left out of steady runs: what one core cannot carry says nothing
 * @property {import('../servers/index.mjs').ServerEntry} [entry] of a server
 * @property {string} [variant] of a limit, as the rig's `limit` calls it
 */

/**
 * All that can run here, by name, in the order in which they take turns.
 *
 * @param {import('./rig.mjs').Rig | undefined} rig
 * @param {'gcm' | 'cm' | 'both'} srtp
 * @returns {Record<string, Contestant>}
 */
export function contestants(rig, srtp) {
  const ours = (native) => ({ ...SERVERS.manycast, env: { MANYCAST_NATIVE: native } })
  /** @type {Record<string, Contestant>} */
  const all = {
    native: { title: 'manycast, native', kind: 'server', maxRate: 1e6, entry: ours('auto') },
    portable: { title: 'manycast, portable', kind: 'server', maxRate: 110_000, entry: ours('off') },
    werift: { title: 'plain werift', kind: 'server', maxRate: 35_000, entry: SERVERS['werift-sfu'] },
  }
  if (rig?.pionBroadcast !== undefined) {
    const entry = {
      about: 'a one-to-many server on Pion',
      argv: () => [rig.pionBroadcast],
      ipc: false,
      env: { LISTEN: '127.0.0.1:{port}', GOMAXPROCS: '1' },
      whip: '/whip',
      whep: '/whep',
    }
    all.pion = { title: 'Pion broadcast (Go)', kind: 'server', maxRate: 110_000, entry }
  }
  if (rig?.limit !== undefined) {
    const limit = (title, variant) => ({ title, kind: 'limit', maxRate: 1e6, variant })
    if (srtp === 'cm') all.sendmmsg = limit('limit in C, sendmmsg', 'cm-sha1raw+sendmmsg-64')
    else {
      all.sendmmsg = limit('limit in C, sendmmsg', 'gcm+sendmmsg-64')
      all.gso = limit('limit in C, GSO', 'gcm+gso-8')
    }
  }
  return all
}
