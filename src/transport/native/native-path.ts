/** The transport through what the process and the kernel have in C, each part of it where it works, and the portable one where it does not. */
import { portablePath } from '../portable-path.js'
import { type CreateTransform, createSrtpReceiver, createSrtpSender } from '../srtp/create-srtp.js'
import type { TransportPath } from '../transport-path.js'
import { openNativeDtls } from './dtls/native-dtls.js'
import { loadKoffiLibrary, type NativeLibrary } from './koffi-library.js'
import { whyNoNativePath } from './native-platform.js'
import { openNativeSrtp } from './srtp/native-srtp.js'
import { type NativeUdp, openNativeUdp } from './udp/open-native-udp.js'

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
  const srtp = openNativeSrtp(library)
  if ('reason' in srtp) reasons.push(`SRTP: ${srtp.reason}`)
  else path = withNativeSrtp(path, srtp)
  const dtls = openNativeDtls(library)
  if ('reason' in dtls) reasons.push(`DTLS: ${dtls.reason}`)
  else path = { ...path, createDtls: dtls.createDtls, status: { ...path.status, dtls: true } }
  const udp = openNativeUdp(library)
  if ('reason' in udp) reasons.push(`UDP: ${udp.reason}`)
  else path = withNativeUdp(path, udp)
  if (path.status.udp && !path.status.segmentation) reasons.push('UDP segmentation: the kernel refuses it')
  return { ...path, status: { ...path.status, reason: reasons.join('; ') } }
}

function withNativeSrtp(path: TransportPath, createTransform: CreateTransform): TransportPath {
  return {
    ...path,
    status: { ...path.status, srtp: true },
    // GCM is one pass over the packet, counter mode with HMAC is two: half the time for 1100 bytes (measured).
    srtpProfiles: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'],
    createSrtpSender: (keys) => createSrtpSender(keys, createTransform),
    createSrtpReceiver: (keys) => createSrtpReceiver(keys, undefined, createTransform),
  }
}

function withNativeUdp(path: TransportPath, { udp, segmentation }: NativeUdp): TransportPath {
  return { ...path, udp, status: { ...path.status, udp: true, segmentation } }
}
