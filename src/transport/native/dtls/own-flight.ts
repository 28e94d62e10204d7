/** What OpenSSL says, without what it says again. */
import { ALERT, readAlert } from '../../dtls/alert.js'
import { messagesOf, type Refusal, refuse } from '../../dtls/handshake.js'
import { type HandshakeMessage, readFragments } from '../../dtls/handshake-message.js'
import { CONTENT_TYPE, type DtlsRecord, readRecords, writeRecord } from '../../dtls/record.js'
import type { OpenSslStep } from './openssl-connection.js'

/** A flight of this side: its records, and the plain messages in them. */
export interface OwnFlight {
  readonly records: readonly Buffer[]
  readonly messages: readonly HandshakeMessage[]
}

/** Finds new flights in OpenSSL's output: when a second has passed, it repeats the last one whenever it is asked to go on, which is not its business here. */
export class OwnFlights {
  #nextSeq = 0

  /** What is new in the output of a step. */
  newIn(step: OpenSslStep): OwnFlight {
    const fresh = readRecords([step.records]).filter((record) => !this.#isRepeated(record))
    const records = fresh.map(({ contentType, epoch, sequence, fragment }) =>
      writeRecord(contentType, epoch, sequence, fragment),
    )
    const messages = messagesOf(records)
    const last = messages.at(-1)
    if (last !== undefined) this.#nextSeq = last.messageSeq + 1
    return { records, messages }
  }

  #isRepeated({ contentType, epoch, fragment }: DtlsRecord): boolean {
    if (contentType !== CONTENT_TYPE.handshake || epoch !== 0) return false
    const first = readFragments(fragment)?.[0]
    return first === undefined || first.messageSeq < this.#nextSeq
  }
}

/** Tells the peer what OpenSSL would tell it about a message that failed. */
export function refuseAs(detail: string, { records, reason }: OpenSslStep): Refusal {
  const plain = readRecords([records]).find(
    ({ contentType, epoch }) => contentType === CONTENT_TYPE.alert && epoch === 0,
  )
  const alert = plain && readAlert(plain.fragment)
  return refuse(alert?.fatal ? alert.description : ALERT.decryptError, `${detail} (${reason})`)
}
