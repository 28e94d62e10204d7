/** Whether the OpenSSL of this process does what is expected of it: one handshake in memory, with what comes of it computed a second time without it. */
import { messagesOf } from '../../dtls/handshake.js'
import { HANDSHAKE_TYPE } from '../../dtls/handshake-message.js'
import { readClientHello, readServerHello } from '../../dtls/hello.js'
import { CONTENT_TYPE, readRecords } from '../../dtls/record.js'
import { deriveRecordKeys, openRecord } from '../../dtls/record-protection.js'
import { deriveSrtpKeys, splitSrtpKeys, srtpKeyBlockBytes } from '../../dtls/srtp-keying.js'
import { SRTP_PROFILES } from '../../types.js'
import type { OpenSsl } from './openssl.js'
import { OpenSslConnection, type OpenSslStep } from './openssl-connection.js'
import { OpenSslContext } from './openssl-context.js'
import { createSelfTestIdentity } from './self-test-identity.js'

const [PROFILE] = SRTP_PROFILES

/** Undefined if all is well. */
export function whyHandshakesFail(openssl: OpenSsl): string | undefined {
  const context = new OpenSslContext(openssl, createSelfTestIdentity())
  const client = new OpenSslConnection(openssl, context, 'client', SRTP_PROFILES)
  const server = new OpenSslConnection(openssl, context, 'server', SRTP_PROFILES)
  try {
    return whyDifferent(client, server)
  } finally {
    client.free()
    server.free()
  }
}

function whyDifferent(client: OpenSslConnection, server: OpenSslConnection): string | undefined {
  const flights: Buffer[] = []
  let step: OpenSslStep = client.goOn()
  for (const receiver of [server, client, server, client]) {
    if (step.state === 'failed') return `a handshake fails: ${step.reason}`
    flights.push(step.records)
    step = receiver.feedRecord(step.records)
  }
  if (step.state !== 'done') return `a handshake does not end: ${step.reason}`
  const [clientHello] = messagesOf([flights[0] as Buffer])
  const [serverHello] = messagesOf([flights[1] as Buffer])
  const clientRandom = clientHello && readClientHello(clientHello.body)?.random
  const serverRandom = serverHello && readServerHello(serverHello.body)?.random
  if (clientRandom === undefined || serverRandom === undefined) return 'its hello messages cannot be read'
  const masterSecret = server.masterSecret()
  const wanted = deriveSrtpKeys(PROFILE, 'server', masterSecret, clientRandom, serverRandom)
  for (const side of [client, server]) {
    const exported = splitSrtpKeys(PROFILE, 'server', side.exportSrtpKeys(srtpKeyBlockBytes(PROFILE)))
    if (!exported.localKey.equals(wanted.localKey) || !exported.remoteSalt.equals(wanted.remoteSalt)) {
      return 'the exported keys are wrong'
    }
  }
  const finished = readRecords([flights[3] as Buffer]).find(({ epoch }) => epoch === 1)
  const keys = deriveRecordKeys(masterSecret, clientRandom, serverRandom).server
  const opened =
    finished && openRecord(keys, CONTENT_TYPE.handshake, finished.version, finished.sequence, finished.fragment)
  return opened?.[0] === HANDSHAKE_TYPE.finished ? undefined : 'its records cannot be opened'
}
