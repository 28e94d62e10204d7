/** The transport's side of a peer in a simulation, which also watches over what a real transport relies on. */
import type { RtpOutput } from '../../../src/media/types.js'

const ROOM = 4096

export class TestOutput implements RtpOutput {
  readonly buffer = Buffer.alloc(ROOM, 0xa5)
  /** While true, nothing can be reserved. */
  full = false
  rtpPackets = 0
  rtpBytes = 0
  rtcpPackets = 0
  readonly #send: (buffer: Buffer, start: number, end: number) => void
  readonly #remember: number
  /** What was sent per SSRC and index: the same index never goes out with other contents. */
  readonly #sent = new Map<string, Buffer>()
  #reserved = -1

  constructor(send: (buffer: Buffer, start: number, end: number) => void, remember = 2000) {
    this.#send = send
    this.#remember = remember
  }

  reserve(length: number): number {
    must(this.#reserved === -1, 'reservations do not nest')
    if (this.full || length > ROOM) return -1
    // Somewhere inside, so that code which forgets the offset shows.
    const offset = 64
    this.buffer.fill(0xa5, offset, offset + length)
    this.#reserved = length
    return offset
  }

  sendRtp(offset: number, headerLength: number, length: number, extSeq: number): void {
    must(length <= this.#reserved, 'no more is written than was reserved')
    this.#reserved = -1
    must(this.buffer.readUInt16BE(offset + 2) === (extSeq & 0xffff), 'the index fits the sequence number')
    must(headerLength >= 12 && headerLength < length, 'there are a header and a payload')
    const packet = Buffer.from(this.buffer.subarray(offset, offset + length))
    const key = `${packet.readUInt32BE(8)}/${extSeq}`
    const before = this.#sent.get(key)
    must(before === undefined || packet.equals(before), `index ${key} is sent with one content only`)
    this.#sent.set(key, packet)
    if (this.#sent.size > this.#remember) this.#sent.delete(this.#sent.keys().next().value as string)
    this.rtpPackets++
    this.rtpBytes += length
    this.#send(this.buffer, offset, offset + length)
  }

  sendRtcp(offset: number, length: number): void {
    must(length <= this.#reserved, 'no more is written than was reserved')
    must(length % 4 === 0, 'RTCP is whole words')
    this.#reserved = -1
    this.rtcpPackets++
    this.#send(this.buffer, offset, offset + length)
  }
}

// Plain checks: `expect` costs too much for every packet of a day.
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`a transport relies on it: ${what}`)
}

/** Calls `tick` of a peer when it is due, as the engine does. */
export function drive(
  clock: { nowMs(): number; at(atMs: number, fn: () => void): () => void },
  peer: { tick(nowMs: number): number; onDue: ((dueMs: number) => void) | undefined },
): () => void {
  let cancel: () => void = () => {}
  const run = (): void => {
    cancel()
    const dueMs = peer.tick(clock.nowMs())
    cancel = Number.isFinite(dueMs) ? clock.at(Math.max(dueMs, clock.nowMs() + 0.01), run) : () => {}
  }
  peer.onDue = (dueMs) => {
    cancel()
    cancel = clock.at(dueMs, run)
  }
  run()
  return () => cancel()
}

/** RTCP by its packet type (RFC 5761, section 4). */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] as number
  return type >= 192 && type <= 223
}
