/** Loss in bursts: a channel that is good or bad, and loses everything while bad (the Gilbert model). */
import { SeededRandom } from '../../../src/testing/seeded-random.js'

/** What a `VirtualLink` takes as `drop`: loses the part `rate` of the packets, `meanBurst` in a row on average. */
export function burstyLoss(seed: number, rate: number, meanBurst: number): () => boolean {
  const random = new SeededRandom(seed)
  const leaveBad = 1 / meanBurst
  const enterBad = (rate * leaveBad) / (1 - rate)
  let bad = false
  return () => {
    bad = bad ? !random.chance(leaveBad) : random.chance(enterBad)
    return bad
  }
}
