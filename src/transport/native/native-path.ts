/** The transport through what the process and the kernel have in C, each part of it where it works, and the portable one where it does not. */
import { portablePath } from '../portable-path.js'
import type { NativeStatus, TransportPath } from '../transport-path.js'
import { loadKoffiLibrary, type NativeLibrary } from './koffi-library.js'
import { whyNoNativePath } from './native-platform.js'

/** What a part of the native path is made into, or why it cannot be. */
export type NativePart<Part> = Part | { readonly reason: string }

/** The native path as far as it works here. Never throws: what does not work is said in its status. */
export function openNativePath(): TransportPath {
  const platform = whyNoNativePath(process)
  if (platform !== undefined) return portablePath(platform)
  let library: NativeLibrary
  try {
    library = loadKoffiLibrary()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return portablePath(code === 'MODULE_NOT_FOUND' ? 'the package koffi is not installed' : `koffi: ${message}`)
  }
  return assemble(library)
}

function assemble(_library: NativeLibrary): TransportPath {
  const portable = portablePath('')
  const status: NativeStatus = { ...portable.status, reason: 'no part is native' }
  return { ...portable, status }
}
