/** The forms in which a session description travels by copy and paste: base64 of JSON, JSON, or SDP text. */
import { BroadcastError } from '../errors.js'

/** How a description was written. */
export type ExchangeForm = 'base64' | 'json' | 'sdp'

/** An offer and the form that its answer is to have. */
export interface ExchangedOffer {
  readonly sdp: string
  readonly form: ExchangeForm
}

/** What the replies in each form are labelled with. */
export const EXCHANGE_MEDIA_TYPES: Readonly<Record<ExchangeForm, string>> = {
  base64: 'text/plain; charset=utf-8',
  json: 'application/json',
  sdp: 'application/sdp',
}

/** The offer in `body`. Throws `request-invalid` that says what was expected. */
export function readOffer(body: string): ExchangedOffer {
  const text = body.trim()
  if (text === '') throw invalid('the body is empty')
  if (text.startsWith('{')) return { form: 'json', sdp: offerOfJson(text) }
  if (text.startsWith('v=')) return { form: 'sdp', sdp: checkLines(`${text}\r\n`) }
  return { form: 'base64', sdp: offerOfJson(decodeBase64(text)) }
}

/** The answer `sdp` in `form`. */
export function writeAnswer(form: ExchangeForm, sdp: string): string {
  if (form === 'sdp') return sdp
  const json = JSON.stringify({ type: 'answer', sdp })
  return form === 'json' ? json : Buffer.from(json).toString('base64')
}

function offerOfJson(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('the body is neither base64 of JSON, nor JSON, nor SDP')
  }
  if (typeof value !== 'object' || value === null) throw invalid('the JSON is not a session description')
  const { type, sdp } = value as { type?: unknown; sdp?: unknown }
  if (type !== 'offer') throw invalid('the session description is not of type "offer"')
  if (typeof sdp !== 'string') throw invalid('the session description has no "sdp" text')
  return checkLines(sdp)
}

function decodeBase64(text: string): string {
  // Both alphabets, and line breaks of terminals and mail programs in between.
  if (!/^[A-Za-z0-9+/_\-\s]+={0,2}$/.test(text)) throw invalid('the body is neither base64 of JSON, nor JSON, nor SDP')
  return Buffer.from(text, 'base64').toString('utf8')
}

/** `curl -d @file` drops line breaks, which is the usual way to arrive here with a single endless line. */
function checkLines(sdp: string): string {
  if (!/\n./.test(sdp)) throw invalid('the SDP has no line breaks; send it with curl --data-binary')
  return sdp
}

function invalid(message: string): BroadcastError {
  return new BroadcastError('request-invalid', message)
}
