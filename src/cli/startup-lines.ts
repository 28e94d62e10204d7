/** What the server prints when it runs: what to open, and where the media goes. */
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { RunningServer } from './serve.js'
import { packageVersion } from './version.js'

/** The lines, ready to print. `localIps` are the addresses that a server on all of them is reached by. */
export function startupLines(server: RunningServer, localIps: readonly string[] = ownAddresses()): string {
  const { host, port } = server
  const everywhere = host === '0.0.0.0' || host === '::'
  const base = httpUrl(everywhere ? '127.0.0.1' : host, port)
  const others = everywhere ? localIps.filter((ip) => host === '::' || !isIPv6(ip)).map((ip) => httpUrl(ip, port)) : []
  const ports = server.mediaPorts
  const lines = [
    `manycast ${packageVersion()} is running`,
    '',
    `  Open      ${base}/`,
    ...others.map((url) => `            ${url}/`),
    `  Publish   ${base}/publish/main${server.protectsPublishing ? '#token=<key or token>' : ''}`,
    `  Watch     ${base}/watch/main`,
    `  WHIP      ${base}/whip/<name>    (OBS, FFmpeg, GStreamer)`,
    `  WHEP      ${base}/whep/<name>`,
    ...(server.hasDashboard ? [`  Dashboard ${base}/dashboard`] : []),
    `  Media     UDP ${server.mediaTcp ? 'and TCP ' : ''}port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`,
    '',
    'Ctrl+C ends it.',
  ]
  return `${lines.join('\n')}\n`
}

function httpUrl(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}${port === 80 ? '' : `:${port}`}`
}

/** Addresses of this machine that others may reach: no loopback, no link-local ones (they need a zone). */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => !entry.internal && !entry.address.toLowerCase().startsWith('fe80:'))
    .map((entry) => entry.address)
}
