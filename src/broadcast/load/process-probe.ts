/** What the process and the system say of their load. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { type ThreadLoad, ThreadMeter } from '../../util/thread-meter.js'
import { coresOfControlGroup } from './control-group.js'
import { receiveDropsOf } from './receive-drops.js'

/** Snapshot of the process; counters since it began. */
export interface ProcessLoad {
  /** CPU time of all threads, in milliseconds. */
  readonly cpuMs: number
  /** How many cores it may keep busy; may be a part of one. */
  readonly cores: number
  readonly rssBytes: number
  /** The application's thread. */
  readonly control: ThreadLoad
  /** Datagrams that the kernel has dropped at the ports asked about; undefined where that cannot be seen. */
  readonly receiveDrops: number | undefined
}

/** Where the figures come from; the testing kit puts its own in its place. */
export interface LoadProbe {
  start(): void
  /** @param ports the media ports of this process. */
  read(ports: readonly number[]): Promise<ProcessLoad>
  stop(): void
}

/** The lists of the kernel's UDP sockets, on Linux. */
const SOCKET_LISTS = ['/proc/net/udp', '/proc/net/udp6']
/** CPU time per control group: version 2, and version 1. */
const CPU_LIMITS = [
  '/sys/fs/cgroup/cpu.max',
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us',
]

/** Asks the process it is in. */
export class ProcessProbe implements LoadProbe {
  readonly #meter = new ThreadMeter()
  #cores: Promise<number> | undefined

  start(): void {
    this.#meter.start()
  }

  async read(ports: readonly number[]): Promise<ProcessLoad> {
    this.#cores ??= usableCores()
    const cores = await this.#cores
    const lists = await Promise.all(SOCKET_LISTS.map(readOrNothing))
    const { user, system } = process.cpuUsage()
    return {
      cpuMs: (user + system) / 1000,
      cores,
      rssBytes: process.memoryUsage.rss(),
      control: this.#meter.load(),
      receiveDrops: receiveDropsOf(lists, ports),
    }
  }

  stop(): void {
    this.#meter.stop()
  }
}

async function usableCores(): Promise<number> {
  const [max, quota, period] = await Promise.all(CPU_LIMITS.map(readOrNothing))
  const granted = coresOfControlGroup(max ?? `${quota?.trim()} ${period?.trim()}`)
  return Math.min(availableParallelism(), granted ?? Number.POSITIVE_INFINITY)
}

function readOrNothing(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch(() => undefined)
}
