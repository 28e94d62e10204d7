/** `npm run bench`: servers take turns under the same load; prints a table, JSON, and the ratio to the baseline. */
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseBenchOptions } from './bench-options.mjs'
import { stopAll } from './child.mjs'
import { measureServer } from './measure-server.mjs'
import { comparePeers } from './peers/main.mjs'
import { canPin } from './pinning.mjs'
import { cpuRatios, markdownTable, medianOf } from './report.mjs'
import { BASELINE, SERVERS } from './servers/index.mjs'

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await stopAll()
    process.exit(1)
  })
}

const args = process.argv.slice(2)
try {
  await (args.includes('--peers') || args.includes('--storm') ? comparePeers(args) : main())
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
} finally {
  await stopAll()
}

async function main() {
  const options = parseBenchOptions(args)
  if (options === undefined) return
  if (!existsSync(new URL('../../dist/index.js', import.meta.url))) throw new Error('dist/ is missing: npm run build')
  const results = []
  for (const viewers of options.viewers) results.push(await compare(viewers, options))

  const report = { machine: machine(), options, results }
  const summary = results.map(({ viewers, medians, cpuRatio }) => ({ viewers, medians, cpuRatio }))
  console.log(`\n\`\`\`json\n${JSON.stringify({ machine: report.machine, results: summary })}\n\`\`\``)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
}

/** Measures all servers with that many viewers, in turns. */
async function compare(viewers, options) {
  /** @type {Record<string, import('./measure-server.mjs').Measurement[]>} */
  const runs = Object.fromEntries(options.servers.map((name) => [name, []]))
  for (let run = 1; run <= options.runs; run++) {
    for (const name of options.servers) {
      const measured = await measureServer(name, SERVERS[name], viewers, options)
      runs[name].push(measured)
      const { cpuUsPerPacket, lost, connected } = measured
      console.error(
        `run ${run}/${options.runs}, ${viewers} viewers, ${name}: ${cpuUsPerPacket.toFixed(1)} us/packet, ${connected} connected, ${lost} lost`,
      )
    }
  }
  const medians = Object.fromEntries(Object.entries(runs).map(([name, measured]) => [name, medianOf(measured)]))
  const cpuRatio = cpuRatios(medians, BASELINE)
  console.log(
    `\n## ${viewers} viewers, ${options.stream.packetsPerSecond} packets/s of ${options.stream.payloadBytes} bytes\n`,
  )
  console.log(markdownTable(medians))
  for (const [name, ratio] of Object.entries(cpuRatio)) {
    console.log(`\nCPU per packet, ${BASELINE} / ${name}: **${ratio.toFixed(2)}x**`)
  }
  return { viewers, medians, cpuRatio, runs }
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
