/** What this adapter needs of other people's WebSockets, by shape: `ws`, the standard class of other runtimes, or a few lines around anything else. */

/**
 * The server's end of an open WebSocket.
 *
 * The standard class has all of it (Deno, Bun, Cloudflare), and so has that of `ws`. One without `addEventListener`, such as that of
 * uWebSockets.js, is fed by hand: see {@link WebSocketConnection}.
 */
export interface WebSocketLike {
  /** Sends a text message. What it throws ends the socket. */
  send(text: string): unknown
  /** Begins the closing handshake; codes are 4000 to 4999. */
  close(code: number, reason: string): unknown
  /** Ends the socket without a handshake, where that can be done. */
  terminate?(): unknown
  /** Bytes that were sent and have not left yet. Without it, a client that does not read is not noticed. */
  readonly bufferedAmount?: number
  /** Tells of every message: a string for text, anything else for binary. */
  addEventListener?(type: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  /** Tells of the end of the socket, once. */
  addEventListener?(type: 'close', listener: (event: { readonly code: number }) => void): unknown
  /** Tells of a failure; `close` follows it. */
  addEventListener?(type: 'error', listener: (event: object) => void): unknown
}

/** The HTTP request that opened a WebSocket: an `IncomingMessage` of node:http, a Fetch `Request`, or an object with these fields. */
export interface UpgradeRequestLike {
  /** With or without scheme and host. */
  readonly url?: string | undefined
  readonly headers?: HeadersLike | undefined
  /** Knows the client's IP address; that of an `IncomingMessage` does. */
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
}

/** Fetch `Headers`, or an object by names. */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** What {@link WebSocketSignaling.accept} returns. Only sockets without `addEventListener` have a use for it. */
export interface WebSocketConnection {
  /** A message has come: text as a string; anything else counts as binary, which is refused. */
  receive(data: unknown): void
  /** The socket has ended; the code of its close frame, if it had one. */
  dropped(code?: number): void
}
