/** What all handshakes with one identity have in common: versions, suites, and the identity itself. */
import { CURVE, PREFERRED_CURVES } from '../../dtls/curve.js'
import type { ParsedIdentity } from '../../dtls/parsed-identity.js'
import { SIGNATURE_ALGORITHM } from '../../dtls/signature.js'
import type { OpenSsl } from './openssl.js'

/** Numbers of `ssl.h` and `evp.h`. */
const SET_SESSION_CACHE_MODE = 44
const SET_MAX_CERT_LIST = 50
const SET_GROUPS_LIST = 92
const SET_SIGNATURE_ALGORITHMS_LIST = 98
const SET_MIN_VERSION = 123
const SET_MAX_VERSION = 124
const DTLS_1_2 = 0xfefd
const SESSION_CACHE_OFF = 0
const VERIFY_PEER = 1
const VERIFY_FAIL_IF_NO_PEER_CERTIFICATE = 2
const EVP_PKEY = { [SIGNATURE_ALGORITHM.rsa]: 6, [SIGNATURE_ALGORITHM.ecdsa]: 408 } as const
const OPTION = {
  // A server that does not know RFC 5746 is no danger to who never renegotiates; werift's is one.
  legacyServerConnect: 2 ** 2,
  noQueryMtu: 2 ** 12,
  noTicket: 2 ** 14,
  noCompression: 2 ** 17,
  serverPreference: 2 ** 22,
  noRenegotiation: 2 ** 30,
} as const
/** Nothing below 112 bits: RSA of 2048 bits is the least. */
const SECURITY_LEVEL = 2
const MAX_CERTIFICATE_BYTES = 16_384

const SUITES = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256'
const SIGNATURE_ALGORITHMS = 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512'
const GROUP_NAMES: Readonly<Record<number, string>> = { [CURVE.x25519]: 'X25519', [CURVE.p256]: 'P-256' }
/** The key of a certificate may be on it, and OpenSSL has one list for both. */
const MORE_GROUPS = 'P-384'
/**
 * OpenSSL asks a function whether it trusts a certificate. That is decided by the fingerprint, before OpenSSL gets to see the certificate, so
 * anything that says 1 will do; this one of OpenSSL's own does nothing else on Linux. A function of ours would be called from within C.
 */
const ALWAYS_1 = 'BIO_sock_init'

/** Garbage contexts' addresses are freed by these; they must not hold on to the contexts. */
const garbage = new FinalizationRegistry<() => void>((free) => free())

/** An `SSL_CTX`; it is freed when this object is garbage and no handshake has it any more. */
export class OpenSslContext {
  readonly address: number

  /** Throws an Error that says what OpenSSL refuses. */
  constructor(openssl: OpenSsl, identity: ParsedIdentity) {
    openssl.clearErrors()
    const { fn } = openssl
    const address = fn.SSL_CTX_new(fn.DTLS_method())
    if (address === 0) throw new Error(`SSL_CTX_new: ${openssl.takeError()}`)
    this.address = address
    garbage.register(this, () => fn.SSL_CTX_free(address))
    configure(openssl, address)
    install(openssl, address, identity)
  }
}

function configure(openssl: OpenSsl, context: number): void {
  const { fn } = openssl
  const expect1 = (what: string, result: number) => {
    if (result !== 1) throw new Error(`${what}: ${openssl.takeError()}`)
  }
  expect1('minimum version', fn.SSL_CTX_ctrl(context, SET_MIN_VERSION, DTLS_1_2, 0))
  expect1('maximum version', fn.SSL_CTX_ctrl(context, SET_MAX_VERSION, DTLS_1_2, 0))
  expect1('cipher suites', fn.SSL_CTX_set_cipher_list(context, openssl.text(SUITES)))
  const groups = [...PREFERRED_CURVES.map((curve) => GROUP_NAMES[curve]), MORE_GROUPS].join(':')
  expect1('groups', fn.SSL_CTX_ctrl(context, SET_GROUPS_LIST, 0, openssl.text(groups)))
  expect1(
    'signature algorithms',
    fn.SSL_CTX_ctrl(context, SET_SIGNATURE_ALGORITHMS_LIST, 0, openssl.text(SIGNATURE_ALGORITHMS)),
  )
  fn.SSL_CTX_set_security_level(context, SECURITY_LEVEL)
  fn.SSL_CTX_ctrl(context, SET_SESSION_CACHE_MODE, SESSION_CACHE_OFF, 0)
  fn.SSL_CTX_ctrl(context, SET_MAX_CERT_LIST, MAX_CERTIFICATE_BYTES, 0)
  fn.SSL_CTX_set_options(
    context,
    Object.values(OPTION).reduce((sum, option) => sum + option, 0),
  )
  const trust = openssl.symbol(ALWAYS_1)
  if (trust === 0) throw new Error(`the process has no ${ALWAYS_1}`)
  fn.SSL_CTX_set_cert_verify_callback(context, trust, 0)
  fn.SSL_CTX_set_verify(context, VERIFY_PEER + VERIFY_FAIL_IF_NO_PEER_CERTIFICATE, 0)
}

function install(openssl: OpenSsl, context: number, identity: ParsedIdentity): void {
  const { fn } = openssl
  const { certificate, privateKey, signatureAlgorithm } = identity
  if (fn.SSL_CTX_use_certificate_ASN1(context, certificate.length, openssl.input(certificate)) !== 1) {
    throw new Error(`the certificate: ${openssl.takeError()}`)
  }
  const type = signatureAlgorithm === SIGNATURE_ALGORITHM.rsa ? 'pkcs1' : 'sec1'
  const key = privateKey.export({ format: 'der', type })
  try {
    const address = openssl.input(key)
    if (fn.SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY[signatureAlgorithm], context, address, key.length) !== 1) {
      throw new Error(`the private key: ${openssl.takeError()}`)
    }
  } finally {
    key.fill(0)
    openssl.wipe()
  }
}
