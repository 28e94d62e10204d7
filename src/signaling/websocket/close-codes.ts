/**
 * Why the server closes a socket: 4000 and the status that HTTP has for the same, as browsers and other runtimes allow applications no
 * codes below 3000 but 1000 (RFC 6455, section 7.4.2). The reason is the key.
 */
export const CLOSE_CODES = {
  /** The upgrade request cannot be understood. */
  request: 4400,
  /** The page's origin may not connect. */
  origin: 4403,
  /** Nothing was heard for two heartbeats. */
  silent: 4408,
  /** The client does not read what it is sent. */
  slow: 4408,
  /** Another socket goes on with the connection. */
  resumed: 4409,
  /** The server closes. */
  closed: 4410,
  /** A message is larger than the limit. */
  'too-large': 4413,
  /** A binary message. */
  binary: 4415,
  /** Messages come faster than the limit. */
  'too-fast': 4429,
  /** There are as many sockets as there may be. */
  full: 4503,
} as const

/** One of {@link CLOSE_CODES}. */
export type CloseWord = keyof typeof CLOSE_CODES

/** Nobody would read the close frame behind what is waiting already. */
export const WITHOUT_HANDSHAKE: ReadonlySet<CloseWord> = new Set(['silent', 'slow'])

/**
 * Whether a client that closes with `code` is done: 1000, or no code at all, which is what `socket.close()` sends. Everything else may come
 * from the network, from a proxy, or from a page that is being reloaded.
 */
export function isGoodbye(code: number | undefined): boolean {
  return code === 1000 || code === 1005
}
