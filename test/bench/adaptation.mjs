/**
 * How a viewer in a real Chromium fares when its link becomes narrow and wide again: `npm run bench:adaptation -- --help`. Prints a table and
 * JSON. See docs/performance.md for what the figures mean.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findOrInstallBrowser } from '../../.ci/find-browser.mjs'
import { writeCameraFile } from '../support/lab/camera-file.mjs'
import { SIMULCAST } from '../support/lab/lab.mjs'
import { launchChromium } from '../support/lab/launch-chromium.mjs'
import { adaptationFigures } from './quality/adaptation-figures.mjs'
import { adaptationTable, mediansOf } from './quality/adaptation-report.mjs'
import { AdaptationBench } from './quality/adaptation-run.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'

const HELP = `Usage: npm run bench:adaptation -- [options]

A simulcast publisher (layers of up to 150, 500 and 1800 kbps) and a viewer, both in Chromium; the viewer's link is wide, then narrow, then
wide again. Every run has a new viewer.

  --picture full    320x180, 640x360 and 1280x720 at 30 frames/s; light: half the size at 20 frames/s, which takes a third of the CPU
  --runs 5          how many viewers, one after the other
  --seconds 20      length of each of the three phases
  --wide 3000       kbps
  --narrow 700      kbps
  --rtt 40          milliseconds
  --queue 65536     bytes that the bottleneck's queue holds
  --loss 0          percent that is lost, both ways
  --quiet 25        waits before each run until other programs take less than so many percent of a core
  --patience 120    for so many seconds, and runs then all the same
  --disturbed 60    a run in which they took more does not count, if there are others
  --attempts 10     runs altogether, those that do not count included
  --json file       writes all figures there
  --records dir     writes everything that was noted there, one file per run
`

const PICTURES = {
  full: { film: { width: 1280, height: 720, fps: 30, noise: 6 }, more: [] },
  light: {
    film: { width: 640, height: 360, fps: 20, noise: 24 },
    // Chromium sends no three layers of such small pictures unless it is told to.
    more: ['--force-fieldtrials=WebRTC-LegacySimulcastLayerLimit/Disabled/'],
  },
}

const { values } = parseArgs({
  options: {
    picture: { type: 'string', default: 'full' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    wide: { type: 'string', default: '3000' },
    narrow: { type: 'string', default: '700' },
    rtt: { type: 'string', default: '40' },
    queue: { type: 'string', default: '65536' },
    loss: { type: 'string', default: '0' },
    quiet: { type: 'string', default: '25' },
    patience: { type: 'string', default: '120' },
    disturbed: { type: 'string', default: '60' },
    attempts: { type: 'string', default: '10' },
    json: { type: 'string' },
    records: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
const path = {
  wideBps: Number(values.wide) * 1000,
  narrowBps: Number(values.narrow) * 1000,
  rttMs: Number(values.rtt),
  queueBytes: Number(values.queue),
  lossRate: Number(values.loss) / 100,
}

const folder = mkdtempSync(join(tmpdir(), 'manycast-bench-'))
const cameraFile = join(folder, 'camera.y4m')
const { film, more } = PICTURES[values.picture]
writeCameraFile(cameraFile, film)
const all = []
const isUndisturbed = ({ otherCpuPercent }) => otherCpuPercent <= Number(values.disturbed)
try {
  while (all.length < Number(values.attempts) && all.filter(isUndisturbed).length < Number(values.runs)) {
    await quietMachine(Number(values.quiet), Number(values.patience) * 1000)
    all.push(await measure(all.length))
  }
} finally {
  rmSync(folder, { recursive: true })
}
const runs = all.some(isUndisturbed) ? all.filter(isUndisturbed) : all
const medians = mediansOf(runs)
console.log(adaptationTable(runs, medians))
const disturbed = all.filter((figures) => !isUndisturbed(figures)).length
console.log(`${disturbed} of ${all.length} runs were disturbed${disturbed < all.length ? ' and do not count' : ''}`)
console.log(JSON.stringify({ path, medians }))
if (values.json) writeFileSync(values.json, `${JSON.stringify({ path, medians, runs }, null, 2)}\n`)

/** One run with a browser of its own: one that waits for a quiet machine would not let it be quiet. */
async function measure(index) {
  const browser = await launchChromium({ executablePath: findOrInstallBrowser(), cameraFile, more })
  try {
    const bench = await AdaptationBench.open(browser, film, SIMULCAST)
    const record = await bench.run(path, Number(values.seconds))
    await bench.close()
    const figures = adaptationFigures(record)
    if (values.records) writeFileSync(join(values.records, `run-${index}.json`), JSON.stringify(record))
    console.error(`run ${index + 1}: other programs took ${figures.otherCpuPercent.toFixed(0)} % of a core`)
    return figures
  } finally {
    await browser.close()
  }
}
