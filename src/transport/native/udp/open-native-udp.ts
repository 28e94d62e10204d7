/** The UDP part of the native path. */
import { getSystemErrorName } from 'node:util'
import type { UdpPath } from '../../transport-path.js'
import type { BoundSocket } from '../../udp/media-sockets.js'
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'
import type { NativePart } from '../native-part.js'
import { NativeDatagramSender } from './native-datagram-sender.js'
import { bindNativeUdp, type NativeSocket } from './native-socket.js'
import { ReportSocket } from './report-socket.js'
import { probeSegmentation } from './segmentation-probe.js'
import {
  AF_INET,
  bindSocketFunctions,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  type SocketFunctions,
} from './socket-functions.js'

/** What works of it. */
export interface NativeUdp {
  readonly udp: UdpPath
  /** The kernel cuts one message into many datagrams. */
  readonly segmentation: boolean
}

/** Binds its system calls and tries them. Never throws. */
export function openNativeUdp(library: NativeLibrary): NativePart<NativeUdp> {
  const functions = bindSocketFunctions(library)
  if (typeof functions === 'string') return { reason: `the C library has no ${functions}` }
  const refusal = whyNoBatches(library, functions)
  if (refusal !== undefined) return { reason: refusal }
  const segmentation = probeSegmentation(library, functions)
  const udp: UdpPath = {
    bind: async (address) => {
      const bound = await bindNativeUdp(library, functions, address)
      const { port } = bound.socket.address()
      const reports = ReportSocket.open(library, functions, bound.descriptor, { ...address, port })
      return { ...bound, ...(reports && { reports }) }
    },
    createSender: (sockets, maxQueueBytes, counters) =>
      new NativeDatagramSender({
        library,
        functions,
        descriptors: sockets.map(descriptorOf),
        maxQueueBytes,
        counters,
        segmentation,
      }),
  }
  return { udp, segmentation }
}

function descriptorOf(socket: BoundSocket): number {
  return (socket as NativeSocket).descriptor
}

/** Sandboxes may forbid what the C library has. */
function whyNoBatches(library: NativeLibrary, functions: SocketFunctions): string | undefined {
  const descriptor = functions.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  const nothing = new NativeMemory(library, 64)
  const worked = descriptor >= 0 && functions.sendmmsg(descriptor, nothing.at(0, 0), 0, MSG_DONTWAIT) === 0
  const errno = functions.errno()
  if (descriptor >= 0) functions.close(descriptor)
  return worked ? undefined : `the system refuses sockets: ${getSystemErrorName(-errno)}`
}
