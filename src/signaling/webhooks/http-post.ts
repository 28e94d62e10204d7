/** One POST over HTTP, for webhooks: follows no redirect, keeps no body, and goes to public addresses only where that is asked for. */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from './private-address.js'

/** What a webhook is sent with; `fetch` fits. */
export type WebhookFetch = (url: string, init: WebhookFetchInit) => Promise<WebhookFetchReply>

/** How it is called. */
export interface WebhookFetchInit {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly redirect: 'manual'
  readonly signal: AbortSignal
}

/** What it has to resolve to; a `Response` fits. */
export interface WebhookFetchReply {
  readonly status: number
  readonly headers: WebhookReplyHeaders
  readonly body?: WebhookReplyBody | null
}

/** The headers of a reply; `Headers` fits. */
export interface WebhookReplyHeaders {
  /** The value of that header, or null. */
  get(name: string): string | null
}

/** The rest of a reply, which nobody reads; a `ReadableStream` fits. */
export interface WebhookReplyBody {
  /** Lets go of it. */
  cancel(): Promise<void>
}

/** Resolves all addresses of a name, as `dns.lookup` does. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** What a receiver may say behind its status before it is cut off, and for how long; nobody reads it. */
const MAX_REPLY_BYTES = 64 * 1024
const MAX_REPLY_MS = 1000

/** The sender of webhooks. With `onlyPublic`, names are looked up once, and what is checked is what is connected to. */
export function httpPost(onlyPublic: boolean, lookup: LookupAll = dnsLookup): WebhookFetch {
  // No connection is taken over from others, who may have looked elsewhere.
  const options = onlyPublic ? { lookup: guarded(lookup), agent: false } : {}
  return (text, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const url = new URL(text)
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
      // Addresses are not looked up, so that the guard would not see them.
      if (onlyPublic && isIP(host) !== 0 && isPrivateAddress(host)) return reject(notPublic(host))
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const length = String(Buffer.byteLength(body))
      const request = send(url, { ...options, method, headers: { ...headers, 'content-length': length }, signal })
      request.on('error', reject)
      request.on('response', (response) => {
        const { statusCode = 0, headers: replied } = response
        discard(response)
        resolve({ status: statusCode, headers: { get: (name) => one(replied[name.toLowerCase()]) } })
      })
      request.end(body)
    })
}

/** Lets a short reply end, so that the connection can be used again, and cuts off a long one. */
function discard(response: IncomingMessage): void {
  const timer = setTimeout(() => response.destroy(), MAX_REPLY_MS)
  timer.unref()
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_REPLY_BYTES) response.destroy()
  })
  response.on('error', () => {})
  response.on('close', () => clearTimeout(timer))
}

function guarded(lookup: LookupAll): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`${hostname} has no address`), '', 0)
        return
      }
      const hidden = addresses.find(({ address }) => isPrivateAddress(address))
      if (hidden !== undefined) callback(notPublic(hidden.address), '', 0)
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function notPublic(address: string): Error {
  return new Error(`${address} is not a public address`)
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}
