/** Loss in bursts: a channel that is good or bad, and loses most while it is bad (the Gilbert-Elliott model). */
import { SeededRandom } from '../../../src/testing/seeded-random.js'

/** What is lost in each state; by default everything while bad, nothing while good (the Gilbert model). */
export interface ChannelStates {
  readonly goodLoss?: number
  readonly badLoss?: number
}

/** What a `VirtualLink` takes as `drop`: loses the part `rate` of the packets; it is bad for `meanBurst` of them in a row on average. */
export function burstyLoss(
  seed: number,
  rate: number,
  meanBurst: number,
  { goodLoss = 0, badLoss = 1 }: ChannelStates = {},
): () => boolean {
  const random = new SeededRandom(seed)
  const badShare = (rate - goodLoss) / (badLoss - goodLoss)
  const leaveBad = 1 / meanBurst
  const enterBad = (badShare * leaveBad) / (1 - badShare)
  let bad = false
  return () => {
    bad = bad ? !random.chance(leaveBad) : random.chance(enterBad)
    return random.chance(bad ? badLoss : goodLoss)
  }
}
