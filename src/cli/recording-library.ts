/** The recordings in a folder, by their sidecars. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RecordedSegment, RecordingInfo } from '../recording/index.js'

/** The names of our own files; nothing else in the folder is looked at, and none of them leads out of it. */
const SIDECAR = /^([A-Za-z0-9_~-][A-Za-z0-9._~-]{0,200})\.json$/
const MEDIA = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,220}\.(?:webm|mp4)$/
const MAX_SIDECAR_BYTES = 4 * 1024 * 1024

/** One recording. */
export interface LibraryEntry {
  /** Its sidecar's name without `.json`. */
  readonly id: string
  readonly info: RecordingInfo
}

interface Cached {
  readonly version: string
  readonly entry: LibraryEntry | undefined
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
    const entries = [...cache.values()].flatMap(({ entry }) => entry ?? [])
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
      return { version, entry: size > MAX_SIDECAR_BYTES ? undefined : parse(name, await readFile(path, 'utf8')) }
    } catch {
      return { version: '', entry: undefined }
    }
  }
}

/** Other JSON files may lie there, too. */
function parse(name: string, text: string): LibraryEntry | undefined {
  const info = JSON.parse(text) as Partial<RecordingInfo> | null
  if (info === null || info.version !== 1 || typeof info.broadcast !== 'string' || !Array.isArray(info.segments)) {
    return undefined
  }
  const segments = (info.segments as RecordedSegment[]).filter(
    ({ file }) => typeof file === 'string' && MEDIA.test(file),
  )
  return { id: name.replace(/\.json$/, ''), info: { ...(info as RecordingInfo), segments } }
}
