/** The recordings in a folder, by their sidecars. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordedSegment, RecordingInfo } from '../recording/index.js'

/** The names of our own files; nothing else in the folder is looked at, and none of them leads out of it. */
const SIDECAR = /^([A-Za-z0-9_~-][A-Za-z0-9._~-]{0,200})\.json$/
const MEDIA = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,220}\.(?:webm|mp4)$/
/** Sidecars of recordings that go on are written twice as often, at least. */
const ABANDONED_AFTER_MS = 60_000
const MAX_SIDECAR_BYTES = 4 * 1024 * 1024

/** One recording. */
export interface LibraryEntry {
  /** Its sidecar's name without `.json`. */
  readonly id: string
  readonly info: RecordingInfo
  /** Whether it was never ended, and nobody writes it any more: its process is gone. */
  readonly abandoned: boolean
}

interface Cached {
  readonly version: string
  readonly mtimeMs: number
  readonly found: Pick<LibraryEntry, 'id' | 'info'> | undefined
}

/** See the top of the file. */
export class RecordingLibrary {
  readonly #dir: string
  #cache = new Map<string, Cached>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** All of them, newest first. */
  async list(): Promise<readonly LibraryEntry[]> {
    const names = await readdir(this.#dir).catch(() => [])
    const cache = new Map<string, Cached>()
    for (const name of names) if (SIDECAR.test(name)) cache.set(name, await this.#read(name))
    this.#cache = cache
    const nowMs = Date.now()
    const entries = [...cache.values()].flatMap(({ found, mtimeMs }) => {
      if (found === undefined) return []
      return { ...found, abandoned: found.info.state === 'recording' && nowMs - mtimeMs > ABANDONED_AFTER_MS }
    })
    return entries.sort((a, b) => b.info.startedUnixMs - a.info.startedUnixMs)
  }

  /** The recording that a file belongs to, and the way to the file; undefined for every name that no sidecar lists. */
  async find(file: string): Promise<{ readonly entry: LibraryEntry; readonly path: string } | undefined> {
    const entry = (await this.list()).find(({ info }) => info.segments.some((segment) => segment.file === file))
    return entry && { entry, path: join(this.#dir, file) }
  }

  async #read(name: string): Promise<Cached> {
    const path = join(this.#dir, name)
    try {
      const { mtimeMs, size } = await stat(path)
      const version = `${mtimeMs} ${size}`
      const known = this.#cache.get(name)
      if (known?.version === version) return known
      const found = size > MAX_SIDECAR_BYTES ? undefined : parse(name, await readFile(path, 'utf8'))
      return { version, mtimeMs, found }
    } catch {
      return { version: '', mtimeMs: 0, found: undefined }
    }
  }
}

/** Other JSON files may lie there, too. */
function parse(name: string, text: string): Cached['found'] {
  const info = JSON.parse(text) as Partial<RecordingInfo> | null
  if (info === null || info.version !== 1 || typeof info.broadcast !== 'string' || !Array.isArray(info.segments)) {
    return undefined
  }
  const segments = (info.segments as RecordedSegment[]).filter(
    ({ file }) => typeof file === 'string' && MEDIA.test(file),
  )
  return { id: name.replace(/\.json$/, ''), info: { ...(info as RecordingInfo), segments } }
}
