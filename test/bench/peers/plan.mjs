/** What is measured, in which order: the runs of a comparison. */

/** What a comparison can have; `storm` runs only when it is asked for. */
export const KINDS = ['steady', 'bursts', 'saturation', 'joins', 'storm']

/**
 * @typedef {object} Point what is measured, whoever it is
 * @property {'steady' | 'bursts' | 'saturation' | 'joins' | 'storm'} kind
 * @property {number} viewers
 * @property {number} pps packets per second to each viewer; at saturation where the search begins
 *
 * @typedef {Point & { contestant: string, run: number }} Task
 */

/**
 * The points, in the order in which they are measured.
 *
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @returns {Point[]}
 */
export function pointsOf({ kinds, viewers, burstViewers, saturationViewers, stormViewers, joins, stream, maxRate }) {
  const of = (kind, sizes, most = maxRate) =>
    sizes.map((size) => ({ kind, viewers: size, pps: Math.min(stream.pps, Math.floor(most / size)) }))
  const all = {
    steady: of('steady', viewers),
    bursts: of('bursts', burstViewers),
    saturation: of('saturation', [saturationViewers]),
    // One packet per frame, so that it is joins that are measured.
    joins: of('joins', [joins], stream.fps * joins),
    storm: of('storm', [stormViewers]),
  }
  return KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) => all[kind])
}

/**
 * Every run of every contestant that can take part: at each point all take turns, so that what disturbs the machine disturbs all of them.
 *
 * @param {Point[]} points
 * @param {Record<string, import('./contestants.mjs').Contestant>} contestants
 * @param {Record<Point['kind'], number>} runs
 * @param {boolean} hasRig
 * @returns {Task[]}
 */
export function tasksOf(points, contestants, runs, hasRig) {
  const tasks = []
  for (const point of points) {
    const isSteady = point.kind === 'steady' || point.kind === 'bursts'
    if (!isSteady && !hasRig) continue
    for (let run = 1; run <= runs[point.kind]; run++) {
      for (const [contestant, { kind, maxRate }] of Object.entries(contestants)) {
        if (kind === 'limit' && !isSteady) continue
        if ((isSteady || point.kind === 'storm') && point.viewers * point.pps > maxRate) continue
        tasks.push({ ...point, contestant, run })
      }
    }
  }
  return tasks
}

/** Names a task in the file of results. @param {Task} task */
export function keyOf({ kind, viewers, pps, contestant, run }) {
  return `${kind} ${viewers}x${pps} ${contestant} #${run}`
}
