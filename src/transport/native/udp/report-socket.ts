/**
 * A second socket on a port, which gets its RTCP alone. Reports come from every viewer several times a second and can wait for some milliseconds, but each
 * wakes up the thread when it comes by itself, and that costs more than to forward ten packets. Nobody waits for this socket: it is read with others.
 */
import type { ReportReader, UdpAddress } from '../../udp/media-sockets.js'
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'
import { openDescriptor, setOption } from './native-socket.js'
import { RECEIVE_MESSAGES, ReceiveBlock } from './receive-block.js'
import { REPORT_FILTER_LENGTH, reportFilter } from './report-filter.js'
import {
  MSG_DONTWAIT,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOL_SOCKET,
  type SocketFunctions,
} from './socket-functions.js'
import { SourceAddresses } from './source-address.js'

/** Calls for one reading, so that a flood keeps nobody else waiting. */
const MAX_CALLS = 16
/** `struct sock_fprog`: how many instructions (16 bit), and where they are. */
const PROGRAM_BYTES = 16
const PROGRAM_ADDRESS_AT = 8

/** See the top of the file. */
export class ReportSocket implements ReportReader {
  readonly #functions: SocketFunctions
  readonly #block: ReceiveBlock
  readonly #addresses = new SourceAddresses()
  #descriptor: number

  private constructor(library: NativeLibrary, functions: SocketFunctions, descriptor: number) {
    this.#functions = functions
    this.#block = new ReceiveBlock(library)
    this.#descriptor = descriptor
  }

  /**
   * Opens one beside the socket `main`, which is bound to `address`; undefined, with `main` as it was, where the kernel does not do it. Whoever
   * wants the port must have been refused it before: from here on, other processes of the same user could share it if they asked to.
   */
  static open(
    library: NativeLibrary,
    functions: SocketFunctions,
    main: number,
    address: UdpAddress,
  ): ReportSocket | undefined {
    if (!setOption(library, functions, main, SOL_SOCKET, SO_REUSEPORT, 1)) return undefined
    let descriptor = -1
    try {
      descriptor = openDescriptor(library, functions, address, true)
      if (attachFilter(library, functions, main)) {
        setOption(library, functions, descriptor, SOL_SOCKET, SO_RCVBUF, address.receiveBufferBytes)
        return new ReportSocket(library, functions, descriptor)
      }
    } catch {
      // The port cannot be shared here.
    }
    if (descriptor >= 0) functions.close(descriptor)
    setOption(library, functions, main, SOL_SOCKET, SO_REUSEPORT, 0)
    return undefined
  }

  read(take: (buffer: Buffer, start: number, end: number, ip: string, port: number) => void): number {
    const block = this.#block
    const { buffer } = block
    let taken = 0
    for (let call = 0; call < MAX_CALLS && this.#descriptor >= 0; call++) {
      const count = this.#functions.recvmmsg(this.#descriptor, block.address, RECEIVE_MESSAGES, MSG_DONTWAIT, 0)
      for (let i = 0; i < count; i++) {
        const start = block.startOf(i)
        const name = block.nameOf(i)
        const port = this.#addresses.portAt(buffer, name)
        take(buffer, start, start + block.lengthOf(i), this.#addresses.ipAt(buffer, name), port)
      }
      if (count > 0) {
        block.reset(count)
        taken += count
      }
      if (count < RECEIVE_MESSAGES) break
    }
    return taken
  }

  close(): void {
    if (this.#descriptor >= 0) this.#functions.close(this.#descriptor)
    this.#descriptor = -1
  }
}

function attachFilter(library: NativeLibrary, functions: SocketFunctions, descriptor: number): boolean {
  const filter = reportFilter()
  const memory = new NativeMemory(library, PROGRAM_BYTES + filter.length)
  filter.copy(memory.buffer, PROGRAM_BYTES)
  memory.buffer.writeUInt16LE(REPORT_FILTER_LENGTH)
  memory.writeAddress(PROGRAM_ADDRESS_AT, memory.at(PROGRAM_BYTES, filter.length))
  const program = memory.at(0, PROGRAM_BYTES)
  return functions.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, PROGRAM_BYTES) === 0
}
