/** How much of what is lost can be there in time, at best: by how many attempts at a repair fit into it. */

/** A path with the same loss both ways. */
export interface LossyPath {
  readonly lossRate: number
  readonly rttMs: number
  /** From when a packet should have come until its loss is seen and asked about: the rest of a frame interval, and proving it. */
  readonly detectMs?: number
}

/** The times at which a packet has come, from its sending on, and with what probability at each. */
function arrivals({ lossRate, rttMs, detectMs = 50 }: LossyPath): [number, number][] {
  // An attempt fails if the request or the repair is lost, and the next one comes a round trip later, with the margin that it takes.
  const repaired = (1 - lossRate) ** 2
  const attemptMs = 1.2 * rttMs + 10
  const times: [number, number][] = [[rttMs / 2, 1 - lossRate]]
  let missing = lossRate
  for (let attempt = 0; attempt < 10; attempt++) {
    times.push([rttMs / 2 + detectMs + rttMs + attempt * attemptMs, missing * repaired])
    missing *= 1 - repaired
  }
  return times
}

/** The part of the packets that can have come within `limitMs` over all `paths`, one behind the other. */
export function repairableShare(paths: readonly LossyPath[], limitMs: number): number {
  let times: [number, number][] = [[0, 1]]
  for (const path of paths) {
    times = times.flatMap(([ms, share]) =>
      arrivals(path).map(([more, part]): [number, number] => [ms + more, share * part]),
    )
  }
  return times.reduce((sum, [ms, share]) => sum + (ms <= limitMs ? share : 0), 0)
}

/** What chance takes off a share of `count` packets, at worst: three standard deviations. What is lost in bursts counts by the burst. */
export function unlucky(share: number, count: number, burst = 1): number {
  const draws = count / burst
  return 3 * Math.sqrt((share * (1 - share) + 1 / draws) / draws)
}
