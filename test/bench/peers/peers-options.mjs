/** The command line of the comparison with others, `npm run bench -- --peers`. */
import { parseArgs } from 'node:util'
import { contestants } from './contestants.mjs'
import { KINDS } from './plan.mjs'
import { findRig } from './rig.mjs'

/** What our own client can carry on a core of its own. */
const OWN_CLIENT_MAX_RATE = 25_000

/**
 * @typedef {object} PeersOptions
 * @property {import('./rig.mjs').Rig | undefined} rig
 * @property {string[]} servers names, in the order in which they take turns
 * @property {string[]} kinds of `KINDS`
 * @property {number[]} viewers
 * @property {number[]} burstViewers
 * @property {number} maxRate
 * @property {number} seconds
 * @property {number} warmupSeconds
 * @property {number} runs
 * @property {number} parallel viewers that join at the same time before a window
 * @property {number} sampleEvery
 * @property {number} twccMs
 * @property {string} workers
 * @property {'gcm' | 'cm' | 'both'} srtp
 * @property {{ pps: number, fps: number, payloadBytes: number, pace: number }} stream
 * @property {number} saturationViewers
 * @property {number} saturationSeconds
 * @property {number} saturationRuns
 * @property {number} joins
 * @property {number} joinParallel
 * @property {number} stormViewers
 * @property {number} patienceSeconds
 * @property {number} maxOtherPercent
 * @property {number} retries
 * @property {boolean} netns
 * @property {boolean} reportOnly
 * @property {string} out
 */

const HELP = `Usage: npm run bench -- --peers [options]

manycast by its native and by its portable path, plain werift, and, where the rig is (see docs/performance.md), Pion's broadcast and a limit in C,
in turns under the same load. Writes results.json, peers.md and peers.svg. What results.json has already is not measured again.

What is measured:
  --only a,b                 of ${KINDS.join(', ')} (default: all but storm)
  --storm                    the same as --only storm: what a storm of joins does to those who watch
  --servers a,b              who takes part (default: all that can run here)
  --viewers 20,100,200,400,1000   sizes of the steady runs
  --burst-viewers 100,200,400,1000   sizes of the runs with frames as bursts (default: those of --viewers above 50)
  --max-rate 100000          packets/s to all viewers that a steady run does not exceed; large sizes get a slower stream (our own client: 25000)
  --seconds 8  --runs 5      length of the window, runs of each
  --warmup 5                 seconds between the last join and the window: a compiler at run time takes its time
  --saturation-viewers 100  --saturation-seconds 20  --saturation-runs 3
  --joins 300  --join-parallel 20    viewers of a storm, and how many of them join at the same time
  --storm-viewers 100        viewers that watch a storm

The load:
  --rig folder               of the programs load, limit and pion-broadcast (default: $RIG); without it our own client runs the small sizes
  --pps 250  --fps 30  --size 1100  --pace 0.4    packets/s, frames/s, bytes of payload, share of the frame interval over which packets are spread
  --srtp both                protection profiles that clients offer: gcm, cm or both as browsers do; each server takes what it prefers (default both)
  --twcc 100                 ms between two messages of transport-wide feedback of a viewer; 0 for none (rig only)
  --workers 1  --parallel 10  --sample 50

The machine:
  --netns                    in a network namespace of its own (Linux, needs the right to make one)
  --patience 0               seconds to wait for a quiet machine before each run
  --max-other 15  --retries 0    percent of the server's core that others may take, and how often a run is repeated that had more

  --out bench-results        the folder that gets the files
  --report                   measures nothing, writes the report of what is in results.json
  --help
`

/**
 * The options, or undefined if the help was asked for and printed. Throws an Error with a readable message.
 *
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env]
 * @returns {PeersOptions | undefined}
 */
export function parsePeersOptions(args, env = process.env) {
  const text = (value) => ({ type: 'string', default: value })
  const flag = { type: 'boolean', default: false }
  const { values } = parseArgs({
    args,
    options: {
      peers: flag,
      storm: flag,
      only: text(''),
      servers: text(''),
      viewers: text('20,100,200,400,1000'),
      'burst-viewers': text(''),
      'max-rate': text('100000'),
      seconds: text('8'),
      warmup: text('5'),
      runs: text('5'),
      'saturation-viewers': text('100'),
      'saturation-seconds': text('20'),
      'saturation-runs': text('3'),
      joins: text('300'),
      'join-parallel': text('20'),
      'storm-viewers': text('100'),
      rig: { type: 'string' },
      pps: text('250'),
      fps: text('30'),
      size: text('1100'),
      pace: text('0.4'),
      srtp: text('both'),
      twcc: text('100'),
      workers: text('1'),
      parallel: text('10'),
      sample: text('50'),
      netns: flag,
      patience: text('0'),
      'max-other': text('15'),
      retries: text('0'),
      out: text('bench-results'),
      report: flag,
      help: flag,
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return undefined
  }
  const number = (name, min, max, given = values[name]) => {
    const value = Number(given)
    if (given.trim() === '' || !(value >= min && value <= max))
      throw new Error(`--${name}: a number from ${min} to ${max}`)
    return value
  }
  const integer = (name, min, max, given) => {
    const value = number(name, min, max, given)
    if (!Number.isInteger(value)) throw new Error(`--${name}: a whole number`)
    return value
  }
  const sizes = (name) => values[name].split(',').map((size) => integer(name, 1, 10_000, size))
  const names = (name, known) => {
    const given = values[name] === '' ? [] : values[name].split(',')
    for (const one of given)
      if (!known.includes(one)) throw new Error(`--${name}: ${known.join(', ')}; there is no ${one}`)
    return given.length > 0 ? given : undefined
  }
  if (!['gcm', 'cm', 'both'].includes(values.srtp)) throw new Error('--srtp: gcm, cm or both')
  const rig = findRig(values.rig ?? (env.RIG || undefined))
  const viewers = sizes('viewers')
  const kinds = values.storm ? ['storm'] : (names('only', KINDS) ?? KINDS.filter((kind) => kind !== 'storm'))
  if (values.storm && rig === undefined) throw new Error('--storm: needs the rig; see --rig')
  const maxRate = number('max-rate', 100, 1e6)
  return {
    rig,
    servers: names('servers', Object.keys(contestants(rig, values.srtp))) ?? Object.keys(contestants(rig, values.srtp)),
    kinds,
    viewers,
    burstViewers: values['burst-viewers'] === '' ? viewers.filter((size) => size > 50) : sizes('burst-viewers'),
    maxRate: rig === undefined ? Math.min(maxRate, OWN_CLIENT_MAX_RATE) : maxRate,
    seconds: number('seconds', 1, 3600),
    warmupSeconds: number('warmup', 0, 600),
    runs: integer('runs', 1, 100),
    parallel: integer('parallel', 1, 1000),
    sampleEvery: integer('sample', 1, 1e6),
    twccMs: integer('twcc', 0, 10_000),
    workers: values.workers,
    srtp: values.srtp,
    stream: {
      pps: number('pps', 1, 100_000),
      fps: number('fps', 1, 240),
      payloadBytes: integer('size', 40, 1400),
      pace: number('pace', 0, 1),
    },
    saturationViewers: integer('saturation-viewers', 1, 10_000),
    saturationSeconds: number('saturation-seconds', 1, 3600),
    saturationRuns: integer('saturation-runs', 1, 100),
    joins: integer('joins', 1, 10_000),
    joinParallel: integer('join-parallel', 1, 1000),
    stormViewers: integer('storm-viewers', 1, 10_000),
    patienceSeconds: number('patience', 0, 3600),
    maxOtherPercent: number('max-other', 0, 1000),
    retries: integer('retries', 0, 100),
    netns: values.netns,
    reportOnly: values.report,
    out: values.out,
  }
}
