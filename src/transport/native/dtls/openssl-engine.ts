/**
 * What an association keeps of a handshake in OpenSSL: the connection as long as the handshake is on, and the keys of its records. Those are derived
 * here from the master secret, so that the connection with its tens of kilobytes can go as soon as the peers agree; all that comes later are alerts
 * and repeated messages.
 */
import type { ProtectedRecords } from '../../dtls/handshake-engine.js'
import { CONTENT_TYPE } from '../../dtls/record.js'
import { deriveRecordKeys, openRecord, type RecordKeys, sealRecord } from '../../dtls/record-protection.js'
import { splitSrtpKeys, srtpKeyBlockBytes } from '../../dtls/srtp-keying.js'
import { unpooled } from '../../dtls/unpooled.js'
import type { SrtpKeyingMaterial, SrtpProfile } from '../../types.js'
import type { OpenSslConnection, OpenSslStep } from './openssl-connection.js'

const OTHER = { client: 'server', server: 'client' } as const
const CHANGE_CIPHER_SPEC = Buffer.from([1])

/** One handshake's, of either role. */
export class OpenSslEngine implements ProtectedRecords {
  readonly #role: 'client' | 'server'
  #connection: OpenSslConnection | undefined
  #keys: RecordKeys | undefined

  constructor(role: 'client' | 'server', connection: OpenSslConnection) {
    this.#role = role
    this.#connection = connection
  }

  /** Begins; client role only. */
  start(): OpenSslStep {
    return this.#live().goOn()
  }

  /** Feeds a plain message. */
  take(message: Buffer): OpenSslStep {
    return this.#live().feed(CONTENT_TYPE.handshake, message)
  }

  /** Derives the keys of records, once the key exchange is through. */
  deriveKeys(clientRandom: Buffer, serverRandom: Buffer): void {
    this.#keys = deriveRecordKeys(this.#live().masterSecret(), clientRandom, serverRandom)
  }

  /** Feeds the peer's Finished, which has been opened here, as the peer would send it. What is sealed for that goes nowhere else. */
  takeFinished(message: Buffer): OpenSslStep {
    const connection = this.#live()
    const changed = connection.feed(CONTENT_TYPE.changeCipherSpec, CHANGE_CIPHER_SPEC)
    if (changed.state === 'failed') return changed
    const finished = sealRecord(this.#needKeys()[OTHER[this.#role]], CONTENT_TYPE.handshake, 0, message)
    return connection.feedRecord(finished)
  }

  /** The keys for SRTP of a handshake that is done. */
  srtpKeys(profile: SrtpProfile): SrtpKeyingMaterial {
    const block = this.#live().exportSrtpKeys(srtpKeyBlockBytes(profile))
    return splitSrtpKeys(profile, this.#role, unpooled(block))
  }

  seal(contentType: number, sequence: number, plaintext: Buffer): Buffer {
    return sealRecord(this.#needKeys()[this.#role], contentType, sequence, plaintext)
  }

  open(contentType: number, version: number, sequence: number, fragment: Buffer): Buffer | undefined {
    return this.#keys && openRecord(this.#keys[OTHER[this.#role]], contentType, version, sequence, fragment)
  }

  endHandshake(): void {
    this.#connection?.free()
    this.#connection = undefined
  }

  #live(): OpenSslConnection {
    if (this.#connection === undefined) throw new Error('the handshake is over')
    return this.#connection
  }

  #needKeys(): RecordKeys {
    if (this.#keys === undefined) throw new Error('there are no keys yet')
    return this.#keys
  }
}
