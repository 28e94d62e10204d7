/** DTLS alerts: why a handshake was refused, and the orderly end (RFC 5246, section 7.2). */

/** Descriptions that this side sends or looks for. */
export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
} as const

const WARNING = 1
const FATAL = 2

/** An alert as received. */
export interface Alert {
  readonly fatal: boolean
  readonly description: number
}

/** The alert in a record's plaintext, or undefined if it is not exactly one. */
export function readAlert(plaintext: Buffer): Alert | undefined {
  if (plaintext.length !== 2) return undefined
  const level = plaintext.readUInt8(0)
  if (level !== WARNING && level !== FATAL) return undefined
  return { fatal: level === FATAL, description: plaintext.readUInt8(1) }
}

/** The plaintext of an alert; close_notify is a warning, everything else sent here is fatal. */
export function writeAlert(description: number): Buffer {
  return Buffer.from([description === ALERT.closeNotify ? WARNING : FATAL, description])
}
