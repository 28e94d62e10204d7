/** In which order the messages of a full handshake come (RFC 5246, section 7.3; RFC 6347, section 4.2.4). */
import { HANDSHAKE_TYPE } from './handshake-message.js'

/** What a client must send behind its ClientHello, in this order. */
export const CLIENT_FLIGHT: readonly number[] = [
  HANDSHAKE_TYPE.certificate,
  HANDSHAKE_TYPE.clientKeyExchange,
  HANDSHAKE_TYPE.certificateVerify,
  HANDSHAKE_TYPE.finished,
]

/** What may follow each message of a server; our own ClientHello to begin with. */
const FOLLOWING: ReadonlyMap<number, readonly number[]> = new Map([
  [HANDSHAKE_TYPE.clientHello, [HANDSHAKE_TYPE.helloVerifyRequest, HANDSHAKE_TYPE.serverHello]],
  [HANDSHAKE_TYPE.helloVerifyRequest, [HANDSHAKE_TYPE.serverHello]],
  [HANDSHAKE_TYPE.serverHello, [HANDSHAKE_TYPE.certificate]],
  [HANDSHAKE_TYPE.certificate, [HANDSHAKE_TYPE.serverKeyExchange]],
  [HANDSHAKE_TYPE.serverKeyExchange, [HANDSHAKE_TYPE.certificateRequest, HANDSHAKE_TYPE.serverHelloDone]],
  [HANDSHAKE_TYPE.certificateRequest, [HANDSHAKE_TYPE.serverHelloDone]],
  [HANDSHAKE_TYPE.serverHelloDone, [HANDSHAKE_TYPE.finished]],
])

/** Whether a server may send a message of the type `next` behind one of the type `previous`. */
export function mayFollow(previous: number, next: number): boolean {
  return FOLLOWING.get(previous)?.includes(next) === true
}
