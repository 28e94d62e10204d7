/**
 * The native layer against the kernel of this machine: a row of sends of every size to addresses and sockets that are there or not, through
 * a kernel that is full now and then, sends half, refuses, or whose socket is closed. A wrong address would end the process, which is a finding, too.
 * Nothing leaves the machine. Where the native path is not possible, nothing is tried.
 */
import { loadKoffiLibrary } from '../../../dist/transport/native/koffi-library.js'
import { openNativePath } from '../../../dist/transport/native/native-path.js'
import { NativeDatagramSender } from '../../../dist/transport/native/udp/native-datagram-sender.js'
import { openDescriptor, setOption } from '../../../dist/transport/native/udp/native-socket.js'
import { bindSocketFunctions } from '../../../dist/transport/native/udp/socket-functions.js'
import { createMuxCounters } from '../../../dist/transport/udp/mux-counters.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const EAGAIN = 11
const EINVAL = 22
const EIO = 5
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const MAX_DATAGRAMS = 512
const ODD = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 65_536, 2 ** 31, 2 ** 32, 2 ** 53]
const IPS = [
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '0.0.0.0',
  '::',
  '255.255.255.255',
  '::ffff:127.0.0.1',
  'fe80::1%lo',
  '',
  'x',
  '1.2.3',
  '::%9',
]
const SEND = 0
const FLUSH = 1
const KERNEL = 2
const CLOSE_SOCKET = 3
const ODD_SEND = 4
const OPEN = 5

const hasNative = openNativePath().status.udp
const library = hasNative ? loadKoffiLibrary() : undefined
const functions = hasNative ? bindSocketFunctions(library) : undefined
const path = openNativePath()
const KEYS = {
  profile: 'AEAD_AES_128_GCM',
  localKey: Buffer.alloc(16, 1),
  localSalt: Buffer.alloc(12, 2),
  remoteKey: Buffer.alloc(16, 3),
  remoteSalt: Buffer.alloc(12, 4),
}
const CM_KEYS = {
  ...KEYS,
  profile: 'AES_CM_128_HMAC_SHA1_80',
  localSalt: Buffer.alloc(14, 2),
  remoteSalt: Buffer.alloc(14, 4),
}

/** The kernel, and what befalls it. */
class Kernel {
  mode = 0
  #errno
  sendmmsg = (descriptor, address, count, flags) => {
    must(count > 0 && count <= 1024, `${count} messages`)
    this.#errno = undefined
    if (this.mode === 1) return this.#fail(EAGAIN)
    if (this.mode === 2 && count > 1) return functions.sendmmsg(descriptor, address, count >> 1, flags)
    if (this.mode === 3) return this.#fail(EINVAL)
    if (this.mode === 4) return this.#fail(EIO)
    return functions.sendmmsg(descriptor, address, count, flags)
  }
  errno = () => this.#errno ?? functions.errno()
  #fail(errno) {
    this.#errno = errno
    return -1
  }
}

class Turns {
  #waiting = new Set()
  setImmediate = (fn) => {
    const handle = { fn }
    this.#waiting.add(handle)
    return handle
  }
  setTimeout = this.setImmediate
  clearImmediate = (handle) => this.#waiting.delete(handle)
  clearTimeout = this.clearImmediate
  end() {
    const due = [...this.#waiting]
    this.#waiting.clear()
    for (const { fn } of due) fn()
  }
}

const send = (length, address, count) => {
  const data = Buffer.alloc(4)
  data.writeUInt16BE(length)
  data[2] = address
  data[3] = count
  return data
}

const seeds = () => [
  writeSteps([
    [SEND, send(1100, 0, 200)],
    [FLUSH, Buffer.alloc(0)],
    [SEND, send(65_507, 1, 9)],
    [ODD_SEND, Buffer.from([1, 2, 3])],
    [SEND, send(0, 2, 30)],
    [FLUSH, Buffer.alloc(0)],
    [SEND, send(100, 5, 60)],
  ]),
  writeSteps([
    [KERNEL, Buffer.from([1])],
    [SEND, send(1200, 0, 255)],
    [FLUSH, Buffer.alloc(0)],
    [SEND, send(40_000, 16, 40)],
    [KERNEL, Buffer.from([2])],
    [FLUSH, Buffer.alloc(0)],
    [KERNEL, Buffer.from([4])],
    [SEND, send(700, 4, 64)],
    [CLOSE_SOCKET, Buffer.alloc(1)],
    [SEND, send(700, 0, 64)],
    [OPEN, Buffer.from('8060000100000000000012ab0102030405060708090a0b0c0d0e0f1011121314', 'hex')],
  ]),
]

/** Returns how many datagrams it has sent. */
function run(input) {
  if (!hasNative) return 0
  const descriptors = [4, 6].map((family) => {
    const descriptor = openDescriptor(library, functions, { ip: family === 4 ? '127.0.0.1' : '::1', family, port: 0 })
    setOption(library, functions, descriptor, SOL_SOCKET, SO_SNDBUF, 1)
    return descriptor
  })
  const kernel = new Kernel()
  const turns = new Turns()
  const counters = createMuxCounters()
  const sender = new NativeDatagramSender({
    library,
    functions: kernel,
    descriptors,
    maxQueueBytes: 1 << 20,
    counters,
    segmentation: true,
    turns,
  })
  const open = new Set(descriptors)
  try {
    new Sends(sender, kernel, turns, counters, open).take(readSteps(input))
    sender.close()
    must(sender.queuedBytes === 0 && sender.reserve(1) === -1, 'it goes on when it is closed')
    return counters.datagramsOut
  } finally {
    for (const descriptor of open) functions.close(descriptor)
  }
}

/** The steps of one input. */
class Sends {
  #datagrams = 0
  constructor(sender, kernel, turns, counters, open) {
    Object.assign(this, { sender, kernel, turns, counters, open })
    this.remotes = Array.from({ length: 64 }, (_, i) => {
      const ip = IPS[i % IPS.length]
      return {
        ip,
        port: i % 11 === 10 ? 0 : 1 + i * 1000,
        family: 4,
        socket: i % 13 === 12 ? 7 : Number(ip.includes(':')),
      }
    })
  }

  take(steps) {
    for (const [what, data] of steps) {
      if (this.#datagrams > MAX_DATAGRAMS) return
      this.#step(what % 6, data)
    }
  }

  #step(what, data) {
    if (what === SEND && data.length >= 4) this.#send(data.readUInt16BE(0), data[2], data[3])
    else if (what === FLUSH) this.turns.end()
    else if (what === KERNEL) this.kernel.mode = (data[0] ?? 0) % 5
    else if (what === CLOSE_SOCKET) this.#close()
    else if (what === ODD_SEND) this.#oddSends(data)
    else if (what === OPEN) this.#protect(data)
  }

  #send(length, address, count) {
    const before = this.counters.sendQueueFull
    for (let i = 0; i < count && this.#datagrams++ < MAX_DATAGRAMS; i++) {
      const offset = this.sender.reserve(length)
      if (offset < 0) {
        must(this.counters.sendQueueFull > before, `${length} bytes are refused without being counted`)
        return
      }
      must(offset + length <= this.sender.buffer.length, 'a reservation that lies outside')
      this.sender.buffer.fill(i, offset, offset + Math.min(length, 64))
      this.sender.commit(offset, length, this.remotes[address >= 128 ? (address + i) % 64 : address % 64])
      must(this.sender.queuedBytes <= 1 << 20, 'more waits than may')
    }
  }

  /** Offsets, lengths and places that make no sense; each is ignored, or an address inside of the arena. */
  #oddSends(data) {
    for (const byte of data.subarray(0, 16)) {
      const remote = { ...this.remotes[byte % 64], place: ODD[byte % ODD.length] }
      this.sender.commit(ODD[byte % ODD.length], byte, remote)
      this.sender.commit(byte, ODD[byte % ODD.length], remote)
      this.sender.commit(this.sender.buffer.length - byte, byte, remote)
      this.sender.reserve(ODD[byte % ODD.length])
    }
  }

  #protect(data) {
    for (const keys of [KEYS, CM_KEYS]) {
      const [seal, unseal] = [path.createSrtpSender(keys), path.createSrtpReceiver(keys)]
      const length = Math.max(12, data.length)
      const offset = this.sender.reserve(length + 64)
      if (offset < 0) return
      data.copy(this.sender.buffer, offset)
      unseal.unprotectRtp(this.sender.buffer, offset, 12, offset + length)
      unseal.unprotectRtcp(this.sender.buffer, offset, offset + length)
      const end = seal.protectRtp(this.sender.buffer, offset, 12, length, 70_000 + data.length)
      if (end > 0) this.sender.commit(offset, end, this.remotes[0])
      this.#protectLater(seal, data)
      // Half of them are encrypted while the keys are there.
      if (data.length % 2 === 0) this.sender.seal()
      seal.close()
      unseal.close()
    }
  }

  /** Media that are encrypted when they leave, places and lengths that make no sense among them; by then, the keys may be gone. */
  #protectLater(srtp, data) {
    const sealer = {
      seal: (buffer, offset, headerLength, sealedLength, extSeq) => {
        const length = sealedLength - srtp.rtpOverhead
        return srtp.protectRtp(buffer, offset, headerLength, length, extSeq) === sealedLength
      },
    }
    for (const byte of data.subarray(0, 16)) {
      const offset = this.sender.reserve(2 * byte + 16)
      if (offset < 0) return
      data.copy(this.sender.buffer, offset)
      const seq = this.sender.buffer.readUInt16BE(offset + 2)
      const odd = ODD[byte % ODD.length]
      const remote = this.remotes[byte % 64]
      this.sender.commitPlain(offset, 12, 2 * byte + 16, seq, sealer, remote)
      this.sender.commitPlain(offset, odd, byte, seq, sealer, remote)
      this.sender.commitPlain(offset, 12, byte, odd, sealer, remote)
      this.sender.commitPlain(odd, byte, byte, seq, sealer, remote)
    }
  }

  #close() {
    // Like a descriptor that is closed behind the sender's back, as long as nobody else gets it.
    for (const descriptor of this.open) functions.close(descriptor)
    this.open.clear()
  }
}

export const target = { seeds, mutate: mutateSteps, maxLength: 4096, run }
