/** Opening of the sockets of one port: a UDP socket per listen address, and a TCP listener if wanted, all with the same number. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP, type Server } from 'node:net'
import { BroadcastError } from '../../errors.js'
import { openTcpListeners } from '../tcp/tcp-listeners.js'

/** The kernel's free choice for one address may be taken on another; then it is asked again. */
const PORT_ATTEMPTS = 16

/** What the sockets are opened with. */
export interface MediaSocketsConfig {
  /** Literal addresses; wildcards allowed. */
  readonly listenIps: readonly string[]
  /** 0 for any free one. */
  readonly port: number
  /** An IPv6 wildcard that the machine does not have is left out. */
  readonly optionalIpv6: boolean
  /** Whether there are TCP listeners. */
  readonly tcp: boolean
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
  /** Opens one UDP socket; `bindUdp` by default. */
  readonly bind?: (address: UdpAddress) => Promise<BoundSocket>
}

/** What one UDP socket is bound to, and the sizes that are asked of the kernel for its buffers. */
export interface UdpAddress {
  readonly ip: string
  readonly family: 4 | 6
  /** 0 for any free one. */
  readonly port: number
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
}

/** One bound socket and what it is bound to. */
export interface BoundSocket {
  readonly socket: Socket
  readonly ip: string
  readonly family: 4 | 6
  /** What brings the RTCP that comes to the port, if `socket` does not. */
  readonly reports?: ReportReader
}

/** Brings what can wait for some milliseconds, when it is asked. */
export interface ReportReader {
  /**
   * Hands over what has come, `buffer[start, end)` each, which is good until `take` returns; returns how many those were. There may be other
   * datagrams than RTCP among them, from when the port was opened.
   */
  read(take: (buffer: Buffer, start: number, end: number, ip: string, port: number) => void): number
  /** Nothing comes any more. Idempotent. */
  close(): void
}

/** The sockets of one port. */
export interface MediaSockets {
  readonly port: number
  /** One per listen address. */
  readonly udp: readonly BoundSocket[]
  /** In the same order; empty without TCP. */
  readonly tcp: readonly Server[]
  /** Closes all of them, but for connections that were accepted. Once only. */
  close(): Promise<void>
}

/** Opens all of them or none. Rejects with `option-invalid` for an address that is none, `socket-failed` if the system refuses. */
export async function openMediaSockets(config: MediaSocketsConfig): Promise<MediaSockets> {
  for (const ip of config.listenIps) {
    if (isIP(ip) === 0) {
      throw new BroadcastError('option-invalid', `listen address ${JSON.stringify(ip)} is not an IP address`, {
        details: { option: 'listenIps' },
      })
    }
  }
  for (let attempt = 1; ; attempt++) {
    const opened: BoundSocket[] = []
    try {
      await openAll(config, opened)
      if (opened.length === 0) throw new Error('there is no address to listen on')
      const { port } = (opened[0] as BoundSocket).socket.address()
      const tcp = config.tcp ? await openTcpListeners(opened, port) : []
      return { port, udp: opened, tcp, close: () => closeAll(opened, tcp) }
    } catch (error) {
      for (const { socket, reports } of opened) {
        reports?.close()
        socket.close()
      }
      const failure = error instanceof BroadcastError ? error.cause : error
      const taken = (failure as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (taken && config.port === 0 && opened.length > 0 && attempt < PORT_ATTEMPTS) continue
      if (error instanceof BroadcastError) throw error
      const text = error instanceof Error ? error.message : String(error)
      throw new BroadcastError('socket-failed', `the UDP media port cannot be opened: ${text}`, {
        details: { port: config.port, listenIps: [...config.listenIps] },
        cause: error,
      })
    }
  }
}

async function closeAll(udp: readonly BoundSocket[], tcp: readonly Server[]): Promise<void> {
  for (const { reports } of udp) reports?.close()
  const closing = [...udp.map(({ socket }) => socket), ...tcp].map(
    (socket) => new Promise<void>((resolve) => socket.close(() => resolve())),
  )
  await Promise.all(closing)
}

async function openAll(config: MediaSocketsConfig, opened: BoundSocket[]): Promise<void> {
  let { port } = config
  for (const ip of config.listenIps) {
    const family = isIP(ip) as 4 | 6
    try {
      const bound = await (config.bind ?? bindUdp)({ ...config, ip, family, port })
      opened.push(bound)
      port = bound.socket.address().port
    } catch (error) {
      if (!(config.optionalIpv6 && ip === '::' && lacksIpv6(error))) throw error
    }
  }
}

/** Opens one UDP socket through `dgram`. Rejects with the system's error. */
export async function bindUdp(address: UdpAddress): Promise<BoundSocket> {
  const { ip, family, port } = address
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    // IPv4 has sockets of its own; otherwise both would fight for the port.
    ipv6Only: family === 6,
    // Every address is a literal: answering at once keeps the resolver, and a turn of the event loop, out of each send.
    lookup: (host, _options, callback) => callback(null, host, family),
  })
  // An error event without a listener would be thrown, and between here and the mux there is none.
  socket.on('error', () => {})
  try {
    const listening = once(socket, 'listening')
    // Exclusive: in a worker of `node:cluster`, the port would otherwise be shared with workers that do not know our peers.
    socket.bind({ address: ip, port, exclusive: true })
    await listening
    setBufferSizes(socket, address)
    return { socket, ip, family }
  } catch (error) {
    socket.close()
    throw error
  }
}

/** Asks for buffers of those sizes. */
export function setBufferSizes(socket: Socket, { receiveBufferBytes, sendBufferBytes }: UdpAddress): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes)
    socket.setSendBufferSize(sendBufferBytes)
  } catch {
    // The system's limit is lower: it works with what the system gives.
  }
}

function lacksIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EPROTONOSUPPORT'
}
