/**
 * Inputs that are a row of steps, for targets with a state: one byte that says what to do, the length of its data in two, and the data.
 * Such a row is damaged as a row, or in the data of one of its steps.
 */
import { mutateBytes } from './mutate-bytes.mjs'

const HEAD_LENGTH = 3

/** The bytes of a row of `[what, data]`. */
export function writeSteps(steps) {
  return Buffer.concat(
    steps.flatMap(([what, data]) => [Buffer.from([what, data.length >> 8, data.length & 0xff]), data]),
  )
}

/** The steps in `input`; the last one may be cut off. */
export function readSteps(input) {
  const steps = []
  for (let at = 0; at + HEAD_LENGTH <= input.length; ) {
    const end = at + HEAD_LENGTH + input.readUInt16BE(at + 1)
    steps.push([input[at], input.subarray(at + HEAD_LENGTH, Math.min(end, input.length))])
    at = end
  }
  return steps
}

/** A damaged copy of a row of steps. */
export function mutateSteps(random, input, others, maxLength) {
  const steps = readSteps(input)
  for (let i = random.integer(1, 3); i > 0; i--) {
    const at = random.integer(0, Math.max(0, steps.length - 1))
    const other = readSteps(others[random.integer(0, others.length - 1)])
    const foreign = other[random.integer(0, Math.max(0, other.length - 1))]
    const kind = random.integer(0, 9)
    if (steps.length === 0 || kind === 0) {
      if (foreign) steps.splice(at, 0, foreign)
    } else if (kind === 1) steps.splice(at, 1)
    else if (kind === 2) steps.splice(random.integer(0, steps.length), 0, steps[at])
    else if (kind === 3) steps.push(...other.slice(random.integer(0, other.length)))
    else if (kind === 4) steps[at] = [random.integer(0, 255), steps[at][1]]
    else {
      const pieces = [steps[at][1], ...(foreign ? [foreign[1]] : [])]
      steps[at] = [steps[at][0], mutateBytes(random, steps[at][1], pieces, 1500)]
    }
  }
  const bytes = writeSteps(steps)
  return bytes.length > maxLength ? bytes.subarray(0, maxLength) : bytes
}
