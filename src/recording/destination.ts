/** Where the files of a recording go, and what they are called. */
import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { ByteTarget } from './byte-target.js'
import { FileTarget } from './file-target.js'
import type { OpenWritable, RecordConfig } from './recording-options.js'
import type { SegmentPlan } from './segment-plan.js'
import { streamTarget, type WritableLike } from './stream-target.js'

/** See the top of the file. */
export interface Destination {
  /** Of the sidecar; undefined where there is none. */
  readonly sidecar: string | undefined
  /** Whether there is room for one file only. */
  readonly single: boolean
  /** Makes the folder. Rejects with why it cannot be. */
  prepare(): Promise<void>
  /** Begins the file of that part. */
  open(plan: SegmentPlan): Promise<ByteTarget>
}

/** The destination that the options ask for. */
export function createDestination(config: RecordConfig, broadcast: string, startedUnixMs: number): Destination {
  const { dir, file, writable } = config
  const name = `${fileName(broadcast)}-${timeStamp(startedUnixMs)}`
  if (dir !== undefined) return folder(dir, (plan) => `${name}-${plan.index}`, name)
  if (file !== undefined) {
    const stem = basename(file, extname(file))
    return folder(dirname(file), (plan) => (plan.index === 1 ? stem : `${stem}-${plan.index}`), stem)
  }
  return stream(writable as WritableLike | OpenWritable, name)
}

function folder(dir: string, stemOf: (plan: SegmentPlan) => string, sidecarStem: string): Destination {
  return {
    sidecar: join(dir, `${sidecarStem}.json`),
    single: false,
    async prepare() {
      await mkdir(dir, { recursive: true })
    },
    open: (plan) => FileTarget.create(join(dir, `${stemOf(plan)}.${plan.container}`)),
  }
}

function stream(writable: WritableLike | OpenWritable, stem: string): Destination {
  const single = typeof writable !== 'function'
  return {
    sidecar: undefined,
    single,
    async prepare() {},
    async open(plan) {
      const name = `${stem}-${plan.index}.${plan.container}`
      if (single && plan.index > 1) throw new Error('what follows needs another file, and there is one stream only')
      return streamTarget(single ? (writable as WritableLike) : await (writable as OpenWritable)(name), name)
    },
  }
}

/** A broadcast's name can be any text: what has a meaning in paths, or is no plain character, is left out. */
function fileName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._~-]+/g, '_').replace(/^\.+/, '_')
  return plain.slice(0, 100) || 'broadcast'
}

/** Such as 20300131T120000123Z, which sorts by time. */
function timeStamp(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/[-:.]/g, '')
}
