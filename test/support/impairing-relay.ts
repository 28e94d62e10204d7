/** A UDP relay between a browser and the server that carries what it is told to: a bottleneck with a queue, per direction to the browser. */
import { createSocket, type Socket } from 'node:dgram'

/** The relay of one viewer. */
export class ImpairingRelay {
  /** Bits per second that reach the browser; infinity for all. */
  bandwidthBps = Number.POSITIVE_INFINITY
  /** What waits longer is dropped. */
  maxQueueMs = 300
  readonly #front: Socket
  readonly #back: Socket
  #browser = { address: '127.0.0.1', port: 0 }
  #freeAtMs = 0

  private constructor(front: Socket, back: Socket, serverPort: number) {
    this.#front = front
    this.#back = back
    front.on('message', (datagram, from) => {
      this.#browser = from
      back.send(datagram, serverPort, '127.0.0.1')
    })
    back.on('message', (datagram) => this.#toBrowser(datagram))
    for (const socket of [front, back]) socket.on('error', () => {})
  }

  /** Opens a relay to the server's port. */
  static async open(serverPort: number): Promise<ImpairingRelay> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))))
    return new ImpairingRelay(sockets[0], sockets[1], serverPort)
  }

  /** The server's answer with the relay in its place. */
  rewrite(answer: string): string {
    const { port } = this.#front.address()
    return answer.replace(/^(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) \d+/gim, `$1 ${port}`)
  }

  close(): void {
    this.#front.close()
    this.#back.close()
  }

  #toBrowser(datagram: Buffer): void {
    const nowMs = performance.now()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    if (startMs - nowMs > this.maxQueueMs) return
    this.#freeAtMs = startMs + (datagram.length * 8000) / this.bandwidthBps
    const delayMs = this.#freeAtMs - nowMs
    const send = () => this.#front.send(datagram, this.#browser.port, this.#browser.address)
    if (delayMs < 1) send()
    else setTimeout(send, delayMs)
  }
}
