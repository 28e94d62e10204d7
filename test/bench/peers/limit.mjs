/** The rig's limit: what one core can encrypt and send at best, in C, at the pace of the stream. */
import { RigProcess } from './rig-process.mjs'

/** Header and extensions in front of the payload, as viewers get them. */
const OVERHEAD_BYTES = 20
const MAX_SECONDS = 3
const REST_TIMEOUT_MS = 30_000

/**
 * @param {string} program
 * @param {{ variant: string, viewers: number, pps: number, payloadBytes: number, seconds: number }} options
 * @returns {Promise<import('./figures.mjs').Figures>}
 */
export async function measureLimit(program, { variant, viewers, pps, payloadBytes, seconds }) {
  const window = Math.min(MAX_SECONDS, seconds)
  const args = ['-n', viewers, '-s', payloadBytes + OVERHEAD_BYTES, '-t', window, '-r', pps, '-k', 1, '-v', variant]
  const limit = new RigProcess([program, ...args.map(String)], { isPinned: false })
  const figures = readLimit(await limit.output(window * 1000 + REST_TIMEOUT_MS), variant)
  if (figures === undefined) throw new Error(`the limit says nothing of ${variant}`)
  return figures
}

/**
 * The line of that variant in the table that the program writes.
 *
 * @param {string} text
 * @param {string} variant
 * @returns {import('./figures.mjs').Figures | undefined}
 */
export function readLimit(text, variant) {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${variant} `))
  if (line === undefined) return undefined
  const [usPerPacket, , , packetsPerSecond, receivedPercent] = line
    .slice(variant.length)
    .trim()
    .split(/\s+/)
    .map(Number)
  return { usPerPacket, packetsPerSecond, delivered: receivedPercent / 100 }
}
