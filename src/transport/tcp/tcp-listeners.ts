/** The listening TCP sockets beside the UDP sockets of a media port: the same addresses, the same number. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { BroadcastError } from '../../errors.js'

/** More than Node's default: after a restart of the server, all of its viewers come back at the same moment. */
const BACKLOG = 1024

/** A local address. */
export interface ListenAddress {
  readonly ip: string
  readonly family: 4 | 6
}

/** Opens all of them or none. Rejects with `socket-failed` if the system refuses; the cause tells why. */
export async function openTcpListeners(addresses: readonly ListenAddress[], port: number): Promise<readonly Server[]> {
  const opened: Server[] = []
  try {
    for (const address of addresses) opened.push(await listen(address, port))
    return opened
  } catch (error) {
    for (const server of opened) server.close()
    const text = error instanceof Error ? error.message : String(error)
    const advice = 'iceTcp: false does without it'
    throw new BroadcastError('socket-failed', `the TCP media port cannot be opened: ${text} (${advice})`, {
      details: { port, listenIps: addresses.map(({ ip }) => ip) },
      cause: error,
    })
  }
}

async function listen({ ip, family }: ListenAddress, port: number): Promise<Server> {
  // Each packet counts, so none waits for others to fill a segment.
  const server = createServer({ noDelay: true })
  const listening = once(server, 'listening')
  // Exclusive and IPv6 only, for the reasons that the UDP sockets have.
  server.listen({ host: ip, port, exclusive: true, ipv6Only: family === 6, backlog: BACKLOG })
  await listening
  return server
}
