/** How many cores this process may keep busy: what its threads may run on, and how much time its control group has (Linux). */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** CPU time per control group: version 2, and version 1. */
const CPU_LIMITS = [
  '/sys/fs/cgroup/cpu.max',
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us',
]

/** The number of cores; may be a part of one, as a container's limit may be. */
export function usableCores(): number {
  const [max, quota, period] = CPU_LIMITS.map(readOrNothing)
  const granted = coresOfControlGroup(max ?? `${quota?.trim()} ${period?.trim()}`)
  return Math.min(availableParallelism(), granted ?? Number.POSITIVE_INFINITY)
}

/** The cores in `text`, a quota and its period in microseconds such as `150000 100000`; undefined for `max`, `-1` and what is neither. */
export function coresOfControlGroup(text: string): number | undefined {
  const [quota = Number.NaN, period = Number.NaN] = text.trim().split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? quota / period : undefined
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
