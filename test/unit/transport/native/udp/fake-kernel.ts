/** Memory with made-up addresses and a `sendmmsg` that follows them: an address that nobody has given out fails the test instead of ending the process. */
import type { NativeLibrary } from '../../../../../src/transport/native/koffi-library.js'
import { ERRNO } from '../../../../../src/transport/native/udp/socket-functions.js'
import { formatIp } from '../../../../../src/transport/udp/ip-address.js'

/** A datagram that was sent. */
export interface SentDatagram {
  readonly descriptor: number
  readonly ip: string
  readonly port: number
  readonly text: string
}

/** One message as `sendmmsg` was given it. */
export interface SentMessage {
  readonly descriptor: number
  readonly to: { readonly ip: string; readonly port: number }
  readonly data: Buffer
  readonly partCount: number
  /** 0 if it is one datagram. */
  readonly segmentBytes: number
}

const HEADER_BYTES = 64

/** See the top of the file. It takes everything until it is told otherwise. */
export class FakeKernel {
  readonly sent: SentDatagram[] = []
  /** How many messages each call that took some has taken. */
  readonly calls: number[] = []
  /** So many more messages are taken, then EAGAIN. */
  room = Number.POSITIVE_INFINITY
  /** Sockets that are full. */
  readonly full = new Set<number>()
  /** The error for a message; 0 for none. */
  refuse: (message: SentMessage) => number = () => 0
  #errno = 0
  #nextAddress: number
  readonly #blocks: { buffer: Buffer; address: number }[] = []

  constructor(firstAddress = 0x7f12_0000_1000) {
    this.#nextAddress = firstAddress
  }

  readonly library = {
    addressOf: (buffer: Buffer): number => {
      const known = this.#blocks.find((block) => block.buffer === buffer)
      if (known) return known.address
      const address = this.#nextAddress
      this.#nextAddress += buffer.length + 4096
      this.#blocks.push({ buffer, address })
      return address
    },
  } as unknown as NativeLibrary

  readonly functions = {
    sendmmsg: (...[descriptor, address, count, flags]: number[]): number =>
      this.#sendmmsg(descriptor as number, address as number, count as number, flags as number),
    errno: (): number => this.#errno,
  }

  get texts(): string[] {
    return this.sent.map(({ text }) => text)
  }

  #sendmmsg(descriptor: number, address: number, count: number, flags: number): number {
    if (flags !== 0x4040) throw new Error('a call that may wait, or raise a signal')
    if (count > 1024) throw new Error('more messages than the kernel takes')
    let taken = 0
    for (; taken < count; taken++) {
      const message = this.#read(descriptor, this.#at(address + taken * HEADER_BYTES, HEADER_BYTES))
      const errno = this.room <= 0 || this.full.has(descriptor) ? ERRNO.EAGAIN : this.refuse(message)
      if (errno !== 0) {
        this.#errno = errno
        break
      }
      this.room--
      this.#deliver(message)
    }
    if (taken === 0) return -1
    this.calls.push(taken)
    return taken
  }

  #read(descriptor: number, header: Buffer): SentMessage {
    const address = (offset: number) => Number(header.readBigUInt64LE(offset))
    const name = this.#at(address(0), header.readUInt32LE(8))
    const partCount = address(24)
    const parts: Buffer[] = []
    for (let i = 0; i < partCount; i++) {
      const part = this.#at(address(16) + i * 16, 16)
      parts.push(this.#at(Number(part.readBigUInt64LE(0)), Number(part.readBigUInt64LE(8))))
    }
    return {
      descriptor,
      to: readName(name),
      data: Buffer.concat(parts),
      partCount,
      segmentBytes: address(40) === 0 ? 0 : readSegmentBytes(this.#at(address(32), address(40))),
    }
  }

  #deliver({ descriptor, to, data, segmentBytes }: SentMessage): void {
    if (segmentBytes > 0 && data.length > segmentBytes * 64) throw new Error('too many segments')
    if (data.length > 65_507) throw new Error('too long')
    const size = segmentBytes === 0 ? Math.max(1, data.length) : segmentBytes
    for (let at = 0; at < Math.max(1, data.length); at += size) {
      this.sent.push({ descriptor, ...to, text: data.toString('latin1', at, at + size) })
    }
  }

  #at(address: number, length: number): Buffer {
    for (const { buffer, address: start } of this.#blocks) {
      if (address >= start && address + length <= start + buffer.length) {
        return buffer.subarray(address - start, address - start + length)
      }
    }
    throw new Error(`no memory at ${address.toString(16)}, ${length} bytes`)
  }
}

function readName(name: Buffer): { ip: string; port: number } {
  const family = name.readUInt16LE(0)
  const port = name.readUInt16BE(2)
  if (family === 2 && name.length === 16) return { ip: formatIp(name.subarray(4, 8)), port }
  if (family === 10 && name.length === 28) return { ip: formatIp(name.subarray(8, 24)), port }
  throw new Error(`family ${family} with ${name.length} bytes`)
}

function readSegmentBytes(control: Buffer): number {
  const isSegmentSize =
    control.readBigUInt64LE(0) === 18n && control.readInt32LE(8) === 17 && control.readInt32LE(12) === 103
  if (!isSegmentSize || control.length !== 24) throw new Error('not the control message of UDP_SEGMENT')
  return control.readUInt16LE(16)
}
