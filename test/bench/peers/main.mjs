/** `npm run bench -- --peers`: ours and others in turns under the same load, to a table and a plot. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { canPin } from '../pinning.mjs'
import { quietMachine } from '../quality/quiet-machine.mjs'
import { contestants } from './contestants.mjs'
import { measureJoins, measureStorm } from './joins.mjs'
import { measureLimit } from './limit.mjs'
import { parsePeersOptions } from './peers-options.mjs'
import { peersPlot } from './peers-plot.mjs'
import { peersReport } from './peers-report.mjs'
import { keyOf, pointsOf, tasksOf } from './plan.mjs'
import { ResultsFile } from './results-file.mjs'
import { measureSaturation } from './saturation.mjs'
import { measureSteady, measureWithOwnClient } from './steady.mjs'

const IN_NAMESPACE = 'BENCH_IN_NAMESPACE'
/** Waits for a quiet machine look at both cores. */
const QUIET_PERCENT = 15

/** @param {string[]} args */
export async function comparePeers(args) {
  const options = parsePeersOptions(args)
  if (options === undefined) return
  if (options.netns && process.env[IN_NAMESPACE] === undefined) return inNamespace()
  const all = contestants(options.rig, options.srtp)
  const chosen = Object.fromEntries(options.servers.map((name) => [name, all[name]]))
  const file = new ResultsFile(join(options.out, 'results.json'), machine(), loadOf(options))
  if (!options.reportOnly) await measureAll(chosen, options, file)
  writeReport(file, options, all)
}

async function measureAll(chosen, options, file) {
  if (!existsSync(new URL('../../../dist/index.js', import.meta.url)))
    throw new Error('dist/ is missing: npm run build')
  if (options.rig === undefined) {
    const without = 'our own client runs steady streams of up to 25,000 packets/s, without transport-wide feedback'
    say(`no rig (see --help): ${without}, and neither saturation nor join storms`)
  }
  const runs = {
    steady: options.runs,
    bursts: options.runs,
    saturation: options.saturationRuns,
    joins: options.runs,
    storm: options.runs,
  }
  const tasks = tasksOf(pointsOf(options), chosen, runs, options.rig !== undefined)
  for (const [i, task] of tasks.entries()) {
    if (file.has(task)) continue
    try {
      const figures = await measureQuietly(chosen[task.contestant], task, options, file)
      file.add(task, figures)
      say(`${i + 1}/${tasks.length} ${keyOf(task)}: ${inShort(figures)}`)
    } catch (error) {
      // The other runs are worth something without this one, and it is measured when the bench is started again.
      say(`${i + 1}/${tasks.length} ${keyOf(task)}: failed: ${error.message}`)
    }
  }
}

/** Measures again, as often as the options say, while others took too much of the server's core. */
async function measureQuietly(contestant, task, options, file) {
  for (let left = options.retries; ; left--) {
    if (options.patienceSeconds > 0) await quietMachine(QUIET_PERCENT, options.patienceSeconds * 1000)
    const figures = await measureOne(contestant, task, options, file)
    if (left <= 0 || !(figures.otherCpuPercent > options.maxOtherPercent)) return figures
    say(`${keyOf(task)}: other programs took ${figures.otherCpuPercent.toFixed(0)} %: again`)
  }
}

function measureOne(contestant, task, options, file) {
  const { kind, viewers, pps, run } = task
  if (contestant.kind === 'limit') {
    const { payloadBytes } = options.stream
    const { variant } = contestant
    return measureLimit(options.rig.limit, { variant, viewers, pps, payloadBytes, seconds: options.seconds })
  }
  if (kind === 'joins') return measureJoins(contestant, task, options)
  if (kind === 'storm') return measureStorm(contestant, task, options)
  if (kind === 'saturation') {
    const earlier = file
      .all()
      .find((one) => keyOf({ ...one.task, run: 0 }) === keyOf({ ...task, run: 0 }) && one.task.run < run)
    return measureSaturation(contestant, task, options, earlier?.figures.pps, (text) =>
      say(`  ${task.contestant}: ${text}`),
    )
  }
  return options.rig === undefined
    ? measureWithOwnClient(contestant, task, options)
    : measureSteady(contestant, task, options)
}

function writeReport(file, { out }, all) {
  const results = file.all()
  if (results.length === 0) throw new Error('there are no results')
  const titles = Object.fromEntries(Object.entries(all).map(([name, { title }]) => [name, title]))
  // Results may be of contestants that cannot run here.
  for (const { task } of results) titles[task.contestant] ??= task.contestant
  const report = peersReport(results, titles)
  const plot = peersPlot(results, titles)
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'peers.md'), report)
  if (plot !== undefined) writeFileSync(join(out, 'peers.svg'), plot)
  console.log(report)
  say(`written: ${join(out, 'peers.md')}${plot === undefined ? '' : `, ${join(out, 'peers.svg')}`}`)
}

/** What results must have in common to be compared. */
function loadOf({ rig, stream, srtp, twccMs, workers, seconds, warmupSeconds, joinParallel }) {
  const client = rig === undefined ? 'own' : 'rig'
  return {
    client,
    ...stream,
    srtp,
    twccMs: rig === undefined ? 0 : twccMs,
    workers,
    seconds,
    warmupSeconds,
    joinParallel,
  }
}

function machine() {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model,
    pinned: canPin,
  }
}

/** Starts the bench once more, in a network namespace of its own: no rules of the machine's firewall are passed there. */
function inNamespace() {
  const script = 'ip link set lo up && exec "$0" "$@"'
  const { status, error } = spawnSync(
    'unshare',
    ['-n', 'sh', '-c', script, process.execPath, ...process.argv.slice(1)],
    {
      stdio: 'inherit',
      env: { ...process.env, [IN_NAMESPACE]: '1' },
    },
  )
  if (error !== undefined) throw new Error(`--netns: ${error.message}`)
  process.exitCode = status ?? 1
}

function inShort(figures) {
  const { usPerPacket, packetsPerSecond, latencyP99Ms, lost, joinsPerSecond, joinCpuMs, otherCpuPercent, native } =
    figures
  const parts = [
    [usPerPacket, (value) => `${value.toFixed(2)} us/packet`],
    [packetsPerSecond, (value) => `${value.toFixed(0)} packets/s`],
    [latencyP99Ms, (value) => `p99 ${value.toFixed(2)} ms`],
    [joinsPerSecond, (value) => `${value.toFixed(0)} joins/s`],
    [joinCpuMs, (value) => `${value.toFixed(2)} ms/join`],
    [lost, (value) => `${value} lost`],
    [otherCpuPercent, (value) => `others ${value.toFixed(0)} %`],
    [native, (value) => `native ${JSON.stringify(value)}`],
  ]
  return parts
    .filter(([value]) => value !== undefined)
    .map(([value, write]) => write(value))
    .join(', ')
}

function say(text) {
  console.error(text)
}
