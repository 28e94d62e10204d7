/** Opens a file for playing, whatever it is: what it begins with decides, not its name. */
import { annexBFormat, openAnnexBFile } from './annex-b-file.js'
import { ByteWindow } from './byte-window.js'
import { openContainerFile } from './container-file.js'
import { isIvf, openIvfFile } from './ivf-file.js'
import { fileUnreadable, type MediaFile, type MediaFileOptions } from './media-file.js'
import { loadMediabunny } from './mediabunny.js'

const HEAD_BYTES = 64

/** Opens it. Rejects with `file-unreadable`, `track-unsupported` or `package-missing`. */
export async function openMediaFile(path: string, options: MediaFileOptions): Promise<MediaFile> {
  const window = await openWindow(path)
  try {
    const head = await window.peek(0, HEAD_BYTES)
    if (isIvf(head)) return await openIvfFile(path, window, options)
    const format = annexBFormat(head)
    if (format !== undefined) return await openAnnexBFile(path, window, format, options)
  } catch (error) {
    await window.close()
    throw 'syscall' in (error as object) ? unreadable(path, error) : error
  }
  await window.close()
  return openContainerFile(path, await loadMediabunny(), options)
}

async function openWindow(path: string): Promise<ByteWindow> {
  try {
    return await ByteWindow.open(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `it cannot be read`
  return fileUnreadable(path, code === undefined ? why : `${why} (${code})`, error)
}
