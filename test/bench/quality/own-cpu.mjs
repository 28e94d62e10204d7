/** The CPU that this process and all that it has started have used: what is not theirs disturbed the measurement. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts process time in hundredths of a second on every platform that Node runs on. */
const TICK_MS = 10

/** Milliseconds of all threads so far; of children that have ended only where they have been waited for. NaN on other systems. */
export function ownCpuMs() {
  if (process.platform !== 'linux') return Number.NaN
  const processes = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The name of the program may have spaces; behind its closing bracket come the fields from number 3 on.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
      processes.set(Number(name), { parent: Number(fields[1]), ms: ticks * TICK_MS })
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOwn = (pid) => pid === process.pid || (processes.has(pid) && isOwn(processes.get(pid).parent))
  let ms = 0
  for (const [pid, { ms: used }] of processes) if (isOwn(pid)) ms += used
  return ms
}
