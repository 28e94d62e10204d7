/** UDP sockets that are made by our own calls, so that their descriptor is known, and then given to `dgram`, which receives through them. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { getSystemErrorName } from 'node:util'
import { type BoundSocket, setBufferSizes, type UdpAddress } from '../../udp/media-sockets.js'
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.js'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  type SocketFunctions,
} from './socket-functions.js'

/** A bound socket whose descriptor is known, which is good until `socket` is closed. */
export interface NativeSocket extends BoundSocket {
  readonly descriptor: number
}

/** Opens one. Rejects with the system's error. */
export async function bindNativeUdp(
  library: NativeLibrary,
  functions: SocketFunctions,
  address: UdpAddress,
): Promise<NativeSocket> {
  const { ip, family } = address
  const descriptor = openDescriptor(library, functions, address)
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6' })
  // An error event without a listener would be thrown, and between here and the mux there is none.
  socket.on('error', () => {})
  try {
    const listening = once(socket, 'listening')
    socket.bind({ fd: descriptor, exclusive: true })
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  setOption(library, functions, descriptor, SOL_SOCKET, SO_REUSEADDR, 0)
  setBufferSizes(socket, address)
  return { socket, ip, family, descriptor }
}

/** A descriptor of a bound socket. Throws the system's error. @param isShared whether the port may be another socket's that shares it. */
export function openDescriptor(
  library: NativeLibrary,
  functions: SocketFunctions,
  { ip, family, port }: Pick<UdpAddress, 'ip' | 'family' | 'port'>,
  isShared = false,
): number {
  const domain = family === 4 ? AF_INET : AF_INET6
  const descriptor = functions.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw systemError(functions, 'socket', ip, port)
  // IPv4 has sockets of its own; otherwise both would fight for the port.
  if (family === 6) setOption(library, functions, descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1)
  if (isShared) setOption(library, functions, descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
  const name = new NativeMemory(library, SOCKET_ADDRESS_BYTES)
  const length = writeSocketAddress(name.buffer, 0, ip, port)
  if (functions.bind(descriptor, name.at(0, length), length) === 0) return descriptor
  const error = systemError(functions, 'bind', ip, port)
  functions.close(descriptor)
  throw error
}

/** Sets an option that is a number; true if the system takes it. */
export function setOption(
  library: NativeLibrary,
  functions: SocketFunctions,
  descriptor: number,
  level: number,
  name: number,
  value: number,
): boolean {
  const memory = new NativeMemory(library, 8)
  memory.buffer.writeInt32LE(value)
  return functions.setsockopt(descriptor, level, name, memory.at(0, 4), 4) === 0
}

/** The error of the last call, as `dgram` has them. */
function systemError(functions: SocketFunctions, syscall: string, address: string, port: number): Error {
  const errno = -functions.errno()
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${syscall} ${code} ${address}:${port}`), { errno, code, syscall, address, port })
}
