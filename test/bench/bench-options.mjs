/** The command line of the bench. */
import { parseArgs } from 'node:util'
import { SERVERS } from './servers/index.mjs'

/**
 * @typedef {object} BenchOptions
 * @property {string[]} servers names, in the order in which they take turns
 * @property {number[]} viewers
 * @property {number} seconds
 * @property {number} runs
 * @property {number} parallel
 * @property {number} sampleEvery
 * @property {string} workers
 * @property {'gcm' | 'cm' | 'both'} srtp
 * @property {string | undefined} json
 * @property {import('./clients/publisher.mjs').Stream} stream
 */

const HELP = `Usage: npm run bench -- [options]

Forwards a synthetic VP8 stream to N viewers and prints what it costs the server, next to a plain werift SFU in the same run.
Servers take turns (A B A B); every figure is the median of the runs. With --peers it compares with others, up to a thousand viewers: see --peers --help.

  --viewers 20,100    how many viewers, one table per number (default 20,100)
  --seconds 8         length of the steady window (default 8)
  --runs 3            runs of each server (default 3)
  --servers a,b       which servers (default: all)
  --workers 1         worker threads of manycast; 0 for none (default 1)
  --srtp both         protection profiles that all peers offer: gcm, cm, or both as browsers do (default both)
  --parallel 10       viewers that join at the same time (default 10)
  --pps 250           video packets per second (default 250)
  --fps 30            frames per second (default 30)
  --size 1100         bytes of payload in a packet (default 1100)
  --pace 0.4          share of the frame interval over which its packets are spread, 0 for bursts (default 0.4)
  --sample 20         one packet in so many is decrypted and timed (default 20)
  --json file         writes all results there, every run included
  --help

Servers:
${Object.entries(SERVERS)
  .map(([name, { about }]) => `  ${name.padEnd(18)}  ${about}`)
  .join('\n')}
`

/**
 * The options, or undefined if the help was asked for and printed. Throws an Error with a readable message.
 *
 * @param {string[]} args
 * @returns {BenchOptions | undefined}
 */
export function parseBenchOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      viewers: { type: 'string', default: '20,100' },
      seconds: { type: 'string', default: '8' },
      runs: { type: 'string', default: '3' },
      servers: { type: 'string', default: Object.keys(SERVERS).join(',') },
      workers: { type: 'string', default: '1' },
      srtp: { type: 'string', default: 'both' },
      parallel: { type: 'string', default: '10' },
      pps: { type: 'string', default: '250' },
      fps: { type: 'string', default: '30' },
      size: { type: 'string', default: '1100' },
      pace: { type: 'string', default: '0.4' },
      sample: { type: 'string', default: '20' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return undefined
  }
  const servers = values.servers.split(',')
  for (const name of servers) {
    if (!Object.hasOwn(SERVERS, name)) throw new Error(`--servers: there is no ${name}; see --help`)
  }
  if (!['gcm', 'cm', 'both'].includes(values.srtp)) throw new Error('--srtp: gcm, cm or both')
  return {
    servers,
    viewers: values.viewers.split(',').map((text) => integer('viewers', text, 1, 5000)),
    seconds: number('seconds', values.seconds, 1, 600),
    runs: integer('runs', values.runs, 1, 100),
    parallel: integer('parallel', values.parallel, 1, 1000),
    sampleEvery: integer('sample', values.sample, 1, 1e6),
    workers: values.workers,
    srtp: values.srtp,
    json: values.json,
    stream: {
      packetsPerSecond: number('pps', values.pps, 1, 100_000),
      framesPerSecond: number('fps', values.fps, 1, 240),
      payloadBytes: integer('size', values.size, 26, 1400),
      pace: number('pace', values.pace, 0, 1),
    },
  }
}

function number(name, text, min, max) {
  const value = Number(text)
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new Error(`--${name}: a number from ${min} to ${max}`)
  return value
}

function integer(name, text, min, max) {
  const value = number(name, text, min, max)
  if (!Number.isInteger(value)) throw new Error(`--${name}: a whole number`)
  return value
}
