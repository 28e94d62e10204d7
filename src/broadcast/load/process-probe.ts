/** What the process and the system say of their load. */
import { readFile } from 'node:fs/promises'
import { usableCores } from '../../engine/usable-cores.js'
import { type ThreadLoad, ThreadMeter } from '../../util/thread-meter.js'
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

/** Asks the process it is in. */
export class ProcessProbe implements LoadProbe {
  readonly #meter = new ThreadMeter()
  readonly #cores = usableCores()

  start(): void {
    this.#meter.start()
  }

  async read(ports: readonly number[]): Promise<ProcessLoad> {
    const lists = await Promise.all(SOCKET_LISTS.map(readOrNothing))
    const { user, system } = process.cpuUsage()
    return {
      cpuMs: (user + system) / 1000,
      cores: this.#cores,
      rssBytes: process.memoryUsage.rss(),
      control: this.#meter.load(),
      receiveDrops: receiveDropsOf(lists, ports),
    }
  }

  stop(): void {
    this.#meter.stop()
  }
}

function readOrNothing(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch(() => undefined)
}
