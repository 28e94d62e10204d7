/**
 * One handshake in OpenSSL: an `SSL` between two memory BIOs. It sees what it is fed and nothing else, has no socket and no timer, and lives as long
 * as the handshake does.
 */
import { RECORD_HEADER_BYTES, writeRecord } from '../../dtls/record.js'
import { SRTP_EXPORTER_LABEL } from '../../dtls/srtp-keying.js'
import type { SrtpProfile } from '../../types.js'
import type { OpenSsl } from './openssl.js'
import type { OpenSslContext } from './openssl-context.js'

/** Numbers of `ssl.h` and `bio.h`. */
const SET_MTU = 17
const WANT_READ = 2
const SET_MEM_EOF_RETURN = 130
const RETRY_WHEN_EMPTY = -1

/** A record of OpenSSL's fits a datagram; flights are packed into datagrams by who sends them. */
const MTU_BYTES = 1200
const MASTER_SECRET_BYTES = 48

/** OpenSSL's names of the SRTP profiles. */
const PROFILE_NAMES: Readonly<Record<SrtpProfile, string>> = {
  AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
  AES_CM_128_HMAC_SHA1_80: 'SRTP_AES128_CM_SHA1_80',
}

/** How far the handshake is, and the records that OpenSSL has to say about it. */
export interface OpenSslStep {
  readonly state: 'going-on' | 'done' | 'failed'
  /** Why it failed, in OpenSSL's words. */
  readonly reason: string
  readonly records: Buffer
}

/** See the top of the file. */
export class OpenSslConnection {
  readonly #openssl: OpenSsl
  readonly #ssl: number
  readonly #toSsl: number
  readonly #fromSsl: number
  /** Record numbers count for nothing here, but a number that was there before would be taken for a replay. */
  #plainSequence = 0
  #freed = false

  /** Throws an Error if OpenSSL has no memory. */
  constructor(openssl: OpenSsl, context: OpenSslContext, role: 'client' | 'server', profiles: readonly SrtpProfile[]) {
    const { fn } = openssl
    this.#openssl = openssl
    openssl.clearErrors()
    const ssl = fn.SSL_new(context.address)
    const toSsl = fn.BIO_new(fn.BIO_s_mem())
    const fromSsl = fn.BIO_new(fn.BIO_s_mem())
    if (ssl === 0 || toSsl === 0 || fromSsl === 0) {
      // All of them take 0 for nothing to free.
      fn.SSL_free(ssl)
      fn.BIO_free(toSsl)
      fn.BIO_free(fromSsl)
      throw new Error(`SSL_new: ${openssl.takeError()}`)
    }
    fn.BIO_ctrl(toSsl, SET_MEM_EOF_RETURN, RETRY_WHEN_EMPTY, 0)
    // From here on the BIOs are the SSL's.
    fn.SSL_set_bio(ssl, toSsl, fromSsl)
    fn.SSL_ctrl(ssl, SET_MTU, MTU_BYTES, 0)
    const names = profiles.map((profile) => PROFILE_NAMES[profile]).join(':')
    if (fn.SSL_set_tlsext_use_srtp(ssl, openssl.text(names)) !== 0) {
      const reason = openssl.takeError()
      fn.SSL_free(ssl)
      throw new Error(`SRTP profiles: ${reason}`)
    }
    if (role === 'client') fn.SSL_set_connect_state(ssl)
    else fn.SSL_set_accept_state(ssl)
    this.#ssl = ssl
    this.#toSsl = toSsl
    this.#fromSsl = fromSsl
  }

  /** Feeds one plain record and goes on. */
  feed(contentType: number, fragment: Buffer): OpenSslStep {
    return this.feedRecord(writeRecord(contentType, 0, this.#plainSequence++, fragment))
  }

  /** Feeds a record, header included, and goes on. */
  feedRecord(record: Buffer): OpenSslStep {
    if (this.#freed || record.length < RECORD_HEADER_BYTES) return { ...FAILED, reason: 'it is over' }
    const { fn } = this.#openssl
    if (fn.BIO_write(this.#toSsl, this.#openssl.input(record), record.length) !== record.length) {
      return { ...FAILED, reason: 'no memory' }
    }
    return this.goOn()
  }

  /** Does what there is to do; a client has something to say before it has heard anything. */
  goOn(): OpenSslStep {
    if (this.#freed) return { ...FAILED, reason: 'it is over' }
    const { fn } = this.#openssl
    const openssl = this.#openssl
    openssl.clearErrors()
    const result = fn.SSL_do_handshake(this.#ssl)
    const failed = result !== 1 && fn.SSL_get_error(this.#ssl, result) !== WANT_READ
    const reason = failed ? openssl.takeError() : ''
    const records = openssl.drain(this.#fromSsl)
    openssl.clearErrors()
    return { state: failed ? 'failed' : result === 1 ? 'done' : 'going-on', reason, records }
  }

  /** The master secret; empty before the key exchange. */
  masterSecret(): Buffer {
    const { fn } = this.#openssl
    const session = this.#freed ? 0 : fn.SSL_get_session(this.#ssl)
    if (session === 0) return Buffer.alloc(0)
    return this.#openssl.output(MASTER_SECRET_BYTES, (address) =>
      fn.SSL_SESSION_get_master_key(session, address, MASTER_SECRET_BYTES),
    )
  }

  /** `length` bytes of keys for SRTP (RFC 5764, section 4.2). Throws an Error unless the handshake is done. */
  exportSrtpKeys(length: number): Buffer {
    if (this.#freed) throw new Error('it is over')
    const openssl = this.#openssl
    openssl.clearErrors()
    const label = openssl.text(SRTP_EXPORTER_LABEL)
    const block = openssl.output(length, (address) => {
      const labelBytes = SRTP_EXPORTER_LABEL.length
      const result = openssl.fn.SSL_export_keying_material(this.#ssl, address, length, label, labelBytes, 0, 0, 0)
      return result === 1 ? length : 0
    })
    if (block.length !== length) throw new Error(`keying material: ${openssl.takeError()}`)
    return block
  }

  /** Frees it. Idempotent; nothing but this may follow. */
  free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#openssl.fn.SSL_free(this.#ssl)
  }
}

const FAILED = { state: 'failed', records: Buffer.alloc(0) } as const
