/** The transport through what the process and the kernel have in C, each part of it where it works, and the portable one where it does not. */
import { portablePath } from '../portable-path.js'
import type { TransportPath } from '../transport-path.js'
import { loadKoffiLibrary, type NativeLibrary } from './koffi-library.js'
import { whyNoNativePath } from './native-platform.js'
import { openNativeUdp } from './udp/open-native-udp.js'

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

function assemble(library: NativeLibrary): TransportPath {
  let path = portablePath('')
  const reasons: string[] = []
  const udp = openNativeUdp(library)
  if ('reason' in udp) reasons.push(`UDP: ${udp.reason}`)
  else {
    const { segmentation } = udp
    path = { ...path, udp: udp.udp, status: { ...path.status, udp: true, segmentation } }
    if (!segmentation) reasons.push('UDP segmentation: the kernel refuses it')
  }
  return { ...path, status: { ...path.status, reason: reasons.join('; ') } }
}
