/** The servers that the bench can run. A new one is one more entry. */
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} ServerEntry
 * @property {string} about one line for `--help`
 * @property {(options: { workers: string, port: number }) => string[]} argv the command line
 * @property {boolean} ipc whether it announces its port and reports its usage over IPC; the others listen on `port` and are read from /proc
 * @property {Record<string, string>} [env] environment on top of ours; `{port}` is filled in
 * @property {string} whip path that takes the publisher
 * @property {string} whep path that takes viewers
 */

const script = (name) => fileURLToPath(new URL(name, import.meta.url))

/** @type {Record<string, ServerEntry>} */
export const SERVERS = {
  'werift-sfu': {
    about: 'the baseline: a hand-written SFU on plain werift',
    argv: () => [process.execPath, script('./werift-sfu.mjs')],
    ipc: true,
    whip: '/whip/live',
    whep: '/whep/live',
  },
  manycast: {
    about: 'this library, from dist/',
    argv: ({ workers }) => [process.execPath, script('./manycast.mjs'), '--workers', workers],
    ipc: true,
    whip: '/whip/live',
    whep: '/whep/live',
  },
}

// A broadcast server on Pion (Go), for those who have built one: its LISTEN address comes from the environment.
const pion = process.env.PION_BROADCAST
if (pion) {
  SERVERS.pion = {
    about: 'the binary that PION_BROADCAST names: a one-to-many server on Pion (Linux)',
    argv: () => [pion],
    ipc: false,
    env: { LISTEN: '127.0.0.1:{port}', GOMAXPROCS: '1' },
    whip: '/whip',
    whep: '/whep',
  }
}

export const BASELINE = 'werift-sfu'
