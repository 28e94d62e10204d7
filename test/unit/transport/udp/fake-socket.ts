import type { SendSocket } from '../../../../src/transport/udp/datagram-sender.js'

type SentCallback = (error: Error | null, bytes: number) => void

/** Takes datagrams like `dgram`: keeps a view, not a copy, until the kernel is ready. */
export class FakeSocket {
  queue: { view: Buffer; expected: string }[] = []
  sends: { text: string; port: number; ip: string }[] = []
  callbacks = 0
  blocked = false
  error: Error | null = null

  send = ((buffer: Buffer, offset: number, length: number, port: number, ip: string, callback?: SentCallback) => {
    const view = buffer.subarray(offset, offset + length)
    const text = view.toString('latin1')
    this.sends.push({ text, port, ip })
    if (this.blocked) this.queue.push({ view, expected: text })
    if (callback) {
      this.callbacks++
      callback(this.error, length)
    }
  }) as SendSocket['send']

  getSendQueueSize(): number {
    return this.queue.reduce((bytes, { view }) => bytes + view.length, 0)
  }
}
