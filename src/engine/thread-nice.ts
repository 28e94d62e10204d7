/** How a thread stands against the others of its process and of the machine. */
import { setPriority } from 'node:os'

/** What of the system is needed; tests put their own in its place. */
export interface PrioritySystem {
  readonly platform: string
  /** As of `node:os`. */
  readonly setPriority: (pid: number, priority: number) => void
}

const SYSTEM: PrioritySystem = { platform: process.platform, setPriority }

/** On Linux a nice value is a thread's own, and 0 stands for the one that calls (`setpriority(2)`); elsewhere it would be the whole process's. */
const THIS_THREAD = 0

/**
 * Gives the calling thread a nice value, -20 to 19, less for more of the CPU. Undefined if it has it now, or why not: to take precedence needs the
 * capability `CAP_SYS_NICE` or a limit that allows it (`ulimit -e`).
 */
export function setThreadNice(nice: number, system: PrioritySystem = SYSTEM): string | undefined {
  if (system.platform !== 'linux') return 'only Linux has nice values of threads'
  try {
    system.setPriority(THIS_THREAD, nice)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
