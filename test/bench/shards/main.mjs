/**
 * How much more two worker threads carry than one: `npm run bench:shards -- --help`. Clients need cores, too, so nothing is driven until it breaks: the CPU of
 * each thread of the server is read while all of it runs at the same time, and what would fill the cores follows from that.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stopAll } from '../child.mjs'
import { findRig } from '../peers/rig.mjs'
import { capacityOf, median } from './capacity.mjs'
import { measureShards } from './measure-shards.mjs'

const HELP = `Usage: npm run bench:shards -- [options]

  --shards 2      worker threads that are compared with one
  --viewers 100   of each thread (without the rig: 20)
  --pps 250       packets a second to each viewer
  --pace 0.4      share of the frame interval over which a frame's packets are spread
  --seconds 8     how long is measured
  --runs 3        of one thread and of several, in turns
  --srtp gcm      gcm, cm or both
  --rig folder    see docs/performance.md (default: $RIG); without it our own client
  --json file     writes the runs there
`

const { values } = parseArgs({
  options: {
    shards: { type: 'string', default: '2' },
    viewers: { type: 'string' },
    pps: { type: 'string', default: '250' },
    pace: { type: 'string', default: '0.4' },
    seconds: { type: 'string', default: '8' },
    runs: { type: 'string', default: '3' },
    srtp: { type: 'string', default: 'gcm' },
    rig: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
if (process.platform !== 'linux') throw new Error('the CPU of threads is read from /proc, which only Linux has')

const rig = findRig(values.rig ?? (process.env.RIG || undefined))
const [shards, runs, seconds, pps, pace] = [values.shards, values.runs, values.seconds, values.pps, values.pace].map(
  Number,
)
const perShard = Number(values.viewers ?? (rig ? 100 : 20))
const options = { rig, seconds, pps, pace, srtp: values.srtp }

/** Viewers that get less have been taken for slow ones, as happens when other programs hold up the machine: such runs tell nothing. */
const LEAST_DELIVERED = 0.98

try {
  const pairs = []
  for (let run = 0; run < runs; run++) {
    const one = await measured(1)
    const several = await measured(shards)
    pairs.push({ one, several, ratio: several.capacity / one.capacity })
  }
  const ratios = pairs.filter(({ one, several }) => one.whole && several.whole).map(({ ratio }) => ratio)
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, ${ratios.length} of ${runs} pairs`
  if (ratios.length > 0) {
    console.log(`\n${shards} threads on ${shards} cores carry ${median(ratios).toFixed(2)}x of one on one (${range})`)
  } else {
    console.log('\nno pair of runs in which viewers got everything: the machine has too much else to do')
    process.exitCode = 1
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ shards, perShard, pps, pairs }, null, 2)}\n`)
} finally {
  await stopAll()
}

async function measured(workers) {
  const run = await measureShards(workers, perShard * workers, options)
  const capacity = capacityOf(run, workers)
  const delivered = run.packetsPerSecond / (perShard * workers * pps)
  const whole = run.lost === 0 && delivered >= LEAST_DELIVERED
  const total = run.shares.reduce((sum, share) => sum + share, 0)
  const threads = run.shares.slice(0, workers + 1).map((share) => `${(share * 100).toFixed(1)}%`)
  console.log(
    `${workers} thread(s), ${perShard * workers} viewers: ${Math.round(run.packetsPerSecond)} packets/s, ${run.lost} lost, ` +
      `${((total / run.packetsPerSecond) * 1e6).toFixed(2)} us each; busiest threads ${threads.join(' ')}, all ${(total * 100).toFixed(1)}% of a core, ` +
      `clients ${(run.clientShare * 100).toFixed(0)}%; full at ${Math.round(capacity)} packets/s${whole ? '' : ` (only ${(delivered * 100).toFixed(0)}% delivered: left out)`}`,
  )
  return { ...run, capacity, whole }
}
