/** The system calls of the native sockets, and the numbers of Linux that they are called with (the same on x64 and arm64). */
import type { NativeFunction, NativeLibrary, NativeType } from '../koffi-library.js'

export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_DGRAM = 2
export const SOCK_NONBLOCK = 0x800
export const SOCK_CLOEXEC = 0x80000
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_RCVBUF = 8
export const SO_REUSEPORT = 15
export const SO_ATTACH_REUSEPORT_CBPF = 51
export const SOL_UDP = 17
export const UDP_SEGMENT = 103
export const IPPROTO_IPV6 = 41
export const IPV6_V6ONLY = 26
export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000

/** What `errno` says after a call that failed. */
export const ERRNO = {
  EINTR: 4,
  EIO: 5,
  EAGAIN: 11,
  EINVAL: 22,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
} as const

/** Numbers in, a number out; -1 says that `errno` has the reason. Addresses come from `NativeMemory.at`. */
export interface SocketFunctions {
  /** (family, type, protocol): a descriptor */
  readonly socket: NativeFunction
  /** (descriptor, address, length) */
  readonly bind: NativeFunction
  /** (descriptor, address, address of the length) */
  readonly getsockname: NativeFunction
  /** (descriptor, level, name, address, length) */
  readonly setsockopt: NativeFunction
  /** (descriptor) */
  readonly close: NativeFunction
  /** (descriptor, address of the headers, their number, flags): how many messages went out */
  readonly sendmmsg: NativeFunction
  /** (descriptor, address of the headers, their number, flags, address of a timeout or 0): how many messages have come */
  readonly recvmmsg: NativeFunction
  /** (address, how many, milliseconds): how many are ready */
  readonly poll: NativeFunction
  /** (descriptor, address, length, flags): the length of the datagram */
  readonly recv: NativeFunction
  /** The system's error number of the last call that failed. */
  errno(): number
}

const SIGNATURES: Readonly<Record<Exclude<keyof SocketFunctions, 'errno'>, readonly [NativeType, ...NativeType[]]>> = {
  socket: ['int', 'int', 'int', 'int'],
  bind: ['int', 'int', 'address', 'unsigned int'],
  getsockname: ['int', 'int', 'address', 'address'],
  setsockopt: ['int', 'int', 'int', 'int', 'address', 'unsigned int'],
  close: ['int', 'int'],
  sendmmsg: ['int', 'int', 'address', 'unsigned int', 'int'],
  recvmmsg: ['int', 'int', 'address', 'unsigned int', 'int', 'address'],
  poll: ['int', 'address', 'unsigned long', 'int'],
  recv: ['long', 'int', 'address', 'size_t', 'int'],
}

/** All of them, or the name of one that the process does not have. */
export function bindSocketFunctions(library: NativeLibrary): SocketFunctions | string {
  const bound: Record<string, NativeFunction> = {}
  for (const [name, [result, ...parameters]] of Object.entries(SIGNATURES)) {
    const fn = library.bind(name, result, parameters)
    if (fn === undefined) return name
    bound[name] = fn
  }
  return { ...(bound as unknown as SocketFunctions), errno: () => library.errno() }
}
