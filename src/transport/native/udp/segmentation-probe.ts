/** Finds out whether this kernel cuts one message into several datagrams (UDP GSO, Linux 4.18), by having it done once. */
import { createMuxCounters } from '../../udp/mux-counters.js'
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'
import { NativeDatagramSender } from './native-datagram-sender.js'
import { openDescriptor } from './native-socket.js'
import { MSG_DONTWAIT, type SocketFunctions } from './socket-functions.js'

const IP = '127.0.0.1'
/** Of a message, the length of each datagram but the last. */
const LENGTHS = [100, 100, 40]
const WAIT_MS = 50
const POLLIN = 1

/** True if it does. Never throws. */
export function probeSegmentation(library: NativeLibrary, functions: SocketFunctions): boolean {
  let descriptor = -1
  try {
    descriptor = openDescriptor(library, functions, { ip: IP, family: 4, port: 0 })
    const port = portOf(library, functions, descriptor)
    return (
      sendsAsOne(library, functions, descriptor, port) &&
      LENGTHS.every((length) => {
        return receive(library, functions, descriptor) === length
      })
    )
  } catch {
    return false
  } finally {
    if (descriptor >= 0) functions.close(descriptor)
  }
}

function portOf(library: NativeLibrary, functions: SocketFunctions, descriptor: number): number {
  const name = new NativeMemory(library, 32)
  const length = new NativeMemory(library, 8)
  length.buffer.writeUInt32LE(name.length)
  functions.getsockname(descriptor, name.at(0, name.length), length.at(0, 4))
  return name.buffer.readUInt16BE(2)
}

/** True if one message took all of the datagrams along. */
function sendsAsOne(library: NativeLibrary, functions: SocketFunctions, descriptor: number, port: number): boolean {
  let calls = 0
  let messages = 0
  const sender = new NativeDatagramSender({
    library,
    functions: {
      sendmmsg: (...args) => {
        calls++
        messages += args[2] as number
        return functions.sendmmsg(...args)
      },
      errno: functions.errno,
    },
    descriptors: [descriptor],
    maxQueueBytes: 65_536,
    counters: createMuxCounters(),
    segmentation: true,
  })
  const remote = { ip: IP, port, family: 4, socket: 0 } as const
  for (const length of LENGTHS) sender.commit(sender.reserve(length), length, remote)
  sender.close()
  return calls === 1 && messages === 1
}

/** The length of a datagram that comes soon; -1 if none does. */
function receive(library: NativeLibrary, functions: SocketFunctions, descriptor: number): number {
  const poll = new NativeMemory(library, 8)
  poll.buffer.writeInt32LE(descriptor)
  poll.buffer.writeInt16LE(POLLIN, 4)
  functions.poll(poll.at(0, 8), 1, WAIT_MS)
  const datagram = new NativeMemory(library, 256)
  return functions.recv(descriptor, datagram.at(0, datagram.length), datagram.length, MSG_DONTWAIT)
}
