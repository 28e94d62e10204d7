/** Opening of the UDP sockets of one port: one per listen address, all with the same number. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { BroadcastError } from '../../errors.js'

/** The kernel's free choice for one address may be taken on another; then it is asked again. */
const PORT_ATTEMPTS = 16

/** What the sockets are opened with. */
export interface UdpSocketsConfig {
  /** Literal addresses; wildcards allowed. */
  readonly listenIps: readonly string[]
  /** 0 for any free one. */
  readonly port: number
  /** An IPv6 wildcard that the machine does not have is left out. */
  readonly optionalIpv6: boolean
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
}

/** One bound socket and what it is bound to. */
export interface BoundSocket {
  readonly socket: Socket
  readonly ip: string
  readonly family: 4 | 6
}

/** Opens all of them or none. Rejects with `option-invalid` for an address that is none, `socket-failed` if the system refuses. */
export async function openUdpSockets(config: UdpSocketsConfig): Promise<readonly BoundSocket[]> {
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
      return opened
    } catch (error) {
      for (const { socket } of opened) socket.close()
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (taken && config.port === 0 && opened.length > 0 && attempt < PORT_ATTEMPTS) continue
      const text = error instanceof Error ? error.message : String(error)
      throw new BroadcastError('socket-failed', `the UDP media port cannot be opened: ${text}`, {
        details: { port: config.port, listenIps: [...config.listenIps] },
        cause: error,
      })
    }
  }
}

async function openAll(config: UdpSocketsConfig, opened: BoundSocket[]): Promise<void> {
  let { port } = config
  for (const ip of config.listenIps) {
    const family = isIP(ip) as 4 | 6
    try {
      const socket = await bind(ip, family, port)
      opened.push({ socket, ip, family })
      port = socket.address().port
      setBufferSizes(socket, config)
    } catch (error) {
      if (!(config.optionalIpv6 && ip === '::' && lacksIpv6(error))) throw error
    }
  }
}

async function bind(ip: string, family: 4 | 6, port: number): Promise<Socket> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    // IPv4 has sockets of its own; otherwise both would fight for the port.
    ipv6Only: family === 6,
    // Every address is a literal: answering at once keeps the resolver, and a turn of the event loop, out of each send.
    lookup: (address, _options, callback) => callback(null, address, family),
  })
  // An error event without a listener would be thrown, and between here and the mux there is none.
  socket.on('error', () => {})
  try {
    const listening = once(socket, 'listening')
    // Exclusive: in a worker of `node:cluster`, the port would otherwise be shared with workers that do not know our peers.
    socket.bind({ address: ip, port, exclusive: true })
    await listening
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

function setBufferSizes(socket: Socket, config: UdpSocketsConfig): void {
  try {
    socket.setRecvBufferSize(config.receiveBufferBytes)
    socket.setSendBufferSize(config.sendBufferBytes)
  } catch {
    // The system's limit is lower: it works with what the system gives.
  }
}

function lacksIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EPROTONOSUPPORT'
}
