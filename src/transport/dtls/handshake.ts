/** What both roles' handshakes share: the outcome of a message, the agreed parameters, and the check of the peer's certificate. */
import { type KeyObject, X509Certificate } from 'node:crypto'
import type { Fingerprint, SrtpKeyingMaterial, SrtpProfile } from '../types.js'
import { ALERT } from './alert.js'
import { certificateKeyKind } from './certificate-key.js'
import { readCertificate } from './certificate-messages.js'
import { isStrongFingerprint, matchesFingerprint } from './fingerprint.js'
import { HANDSHAKE_TYPE, type HandshakeMessage, readFragments } from './handshake-message.js'
import { HandshakeReassembler } from './handshake-reassembler.js'
import { CONTENT_TYPE, readRecords } from './record.js'
import { signatureAlgorithmOf } from './signature.js'

/** What the two sides agreed on. */
export interface DtlsParameters {
  readonly cipherSuite: number
  /** Registered number of the key agreement's curve. */
  readonly curve: number
  readonly srtpProfile: SrtpProfile
  /** Whether the master secret is bound to the handshake (RFC 7627). */
  readonly extendedMasterSecret: boolean
  /** Hash and signature algorithm by which the peer proved to have its key. */
  readonly peerSignatureScheme: number
}

/** The peer does not get in: the alert it is told, and why. */
export interface Refusal {
  readonly kind: 'refused'
  readonly alert: number
  readonly detail: string
}

/** What a message led to. */
export type HandshakeStep =
  /** Good so far. */
  | { readonly kind: 'accepted' }
  /** Not counted as received: another message may come in its place. */
  | { readonly kind: 'discarded' }
  /** Good, and this is the next flight; `timed` flights are repeated until the peer's next flight is here. */
  | { readonly kind: 'answered'; readonly flight: readonly Buffer[]; readonly timed: boolean }
  /** All guards have passed. The server's last flight goes out before anything else. */
  | {
      readonly kind: 'connected'
      readonly flight: readonly Buffer[]
      readonly keys: SrtpKeyingMaterial
      readonly parameters: DtlsParameters
    }
  | Refusal

/** One role's handshake: takes the peer's messages in order and lets nothing pass that is not proven. */
export interface Handshake {
  /** Whether protected records can be opened. */
  readonly canOpen: boolean
  /** Whether this side's records are protected from now on. */
  readonly sealsAlerts: boolean
  /** The records of the first flight, if this side speaks first. */
  start(): Promise<readonly Buffer[]>
  take(message: HandshakeMessage): Promise<HandshakeStep>
}

export const ACCEPTED: HandshakeStep = { kind: 'accepted' }
export const DISCARDED: HandshakeStep = { kind: 'discarded' }

const UNSUPPORTED_KEY = 'the certificate has a key of an unsupported kind'
const UNREADABLE = 'the certificate cannot be read'

/** A refusal. */
export function refuse(alert: number, detail: string): Refusal {
  return { kind: 'refused', alert, detail }
}

/** Whether the message is protected as it must be: Finished by the new keys, and nothing else. */
export function isProtectedAsDue({ type, encrypted }: HandshakeMessage): boolean {
  return encrypted === (type === HANDSHAKE_TYPE.finished)
}

/** The message is not the one that must come now. */
export function refuseOrder(message: HandshakeMessage): Refusal {
  return refuse(ALERT.unexpectedMessage, `unexpected handshake message ${message.type}`)
}

/** The peer's certificate in a Certificate message, if it is one that the SDP announced. */
function matchCertificate(body: Buffer, fingerprints: readonly Fingerprint[]): Buffer | Refusal {
  const certificate = readCertificate(body)
  if (certificate === undefined) return refuse(ALERT.decodeError, 'malformed Certificate')
  if (certificate === 'none') return refuse(ALERT.handshakeFailure, 'the peer has no certificate')
  if (matchesFingerprint(certificate, fingerprints)) return certificate
  const known = fingerprints.some(isStrongFingerprint)
  const detail = known ? 'the certificate has another fingerprint' : 'no fingerprint of sha-256 or stronger is known'
  return refuse(ALERT.badCertificate, detail)
}

/** The public key of the peer's certificate, if the certificate is one that the SDP announced. */
export function checkCertificate(body: Buffer, fingerprints: readonly Fingerprint[]): KeyObject | Refusal {
  const certificate = matchCertificate(body, fingerprints)
  if (isRefusal(certificate)) return certificate
  try {
    const { publicKey } = new X509Certificate(certificate)
    if (signatureAlgorithmOf(publicKey) !== undefined) return publicKey
    return refuse(ALERT.badCertificate, UNSUPPORTED_KEY)
  } catch {
    return refuse(ALERT.badCertificate, UNREADABLE)
  }
}

/** The same check for an engine that reads the key itself: undefined if it may have the certificate. */
export function refuseCertificate(body: Buffer, fingerprints: readonly Fingerprint[]): Refusal | undefined {
  const certificate = matchCertificate(body, fingerprints)
  if (isRefusal(certificate)) return certificate
  const kind = certificateKeyKind(certificate)
  if (kind === 'unreadable') return refuse(ALERT.badCertificate, UNREADABLE)
  return kind === undefined ? refuse(ALERT.badCertificate, UNSUPPORTED_KEY) : undefined
}

/** Whether a check ended in a refusal. */
export function isRefusal(result: object): result is Refusal {
  return (result as Partial<Refusal>).kind === 'refused'
}

/** The unprotected handshake messages in a flight that this side made. */
export function messagesOf(flight: readonly Buffer[]): HandshakeMessage[] {
  const fragments = readRecords(flight)
    .filter((record) => record.contentType === CONTENT_TYPE.handshake && record.epoch === 0)
    .flatMap((record) => readFragments(record.fragment) ?? [])
  const reassembler = new HandshakeReassembler(fragments[0]?.messageSeq)
  const messages: HandshakeMessage[] = []
  for (const fragment of fragments) {
    reassembler.push(fragment, false)
    for (let message = reassembler.peek(); message !== undefined; message = reassembler.peek()) {
      messages.push(message)
      reassembler.advance()
    }
  }
  return messages
}
