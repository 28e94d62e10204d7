/** Ports of 127.0.0.1 that nobody has at the moment. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export async function freePorts(count) {
  // All are held until all are known, or the same one might come twice.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
