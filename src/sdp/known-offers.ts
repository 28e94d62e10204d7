/**
 * Remembers what offers have in common with earlier ones. To read an offer of a browser takes longer than anything else of a join, and a thousand
 * viewers send a handful of different ones, apart from what is each client's own (`offer-outline.ts`).
 */
import type { Draft, SdpDescription, SdpMedia, SdpScope } from './description.js'
import { SDP_LIMITS } from './limits.js'
import { type OwnValue, outlineOf } from './offer-outline.js'
import { readMediaAttribute, readSessionAttribute } from './parse-attribute.js'
import { CONTROL_CHARACTER, isOrigin, parseSdp } from './parse-sdp.js'
import { decimal } from './syntax.js'

/** So many outlines are remembered; the one that was needed longest ago makes room. */
const MAX_OUTLINES = 32
/** A longer offer is read anew each time: no client is known to send one, and it would be kept. */
const MAX_TEXT_LENGTH = 32_768

/** An offer, and what is known of those with the same outline. */
export interface ReadOffer<Kept> {
  readonly description: SdpDescription
  /** Room for what was made of the parts that they share; undefined if they are not remembered. */
  readonly shared: { kept: Kept | undefined } | undefined
}

interface KnownOffer<Kept> {
  readonly description: SdpDescription
  /** How many own values there are. */
  readonly ownCount: number
  readonly shared: { kept: Kept | undefined }
}

/** See the top of the file. */
export class KnownOffers<Kept> {
  readonly #offers = new Map<string, KnownOffer<Kept>>()

  /** Reads `text` as {@link parseSdp} does: with the same result, which may share parts with others, and the same errors. */
  read(text: string): ReadOffer<Kept> {
    if (text.length > MAX_TEXT_LENGTH) return { description: parseSdp(text), shared: undefined }
    const { outline, own } = outlineOf(text)
    const known = this.#offers.get(outline)
    const description = known?.ownCount === own.length ? fillIn(known.description, own) : undefined
    if (known === undefined || description === undefined) return this.#remember(text, outline, own)
    this.#offers.delete(outline)
    this.#offers.set(outline, known)
    return { description, shared: known.shared }
  }

  #remember(text: string, outline: string, own: readonly OwnValue[]): ReadOffer<Kept> {
    const description = parseSdp(text)
    const shared = { kept: undefined }
    this.#offers.set(outline, { description, ownCount: own.length, shared })
    if (this.#offers.size > MAX_OUTLINES) this.#offers.delete(this.#offers.keys().next().value as string)
    return { description, shared }
  }
}

/** The description of an offer that differs from a known one by its own values; undefined if one of them is not good. */
function fillIn(description: SdpDescription, own: readonly OwnValue[]): SdpDescription | undefined {
  const session = withoutOwn(description) as Draft<SdpDescription>
  session.media = description.media.map((section) => {
    const media = withoutOwn(section) as Draft<SdpMedia>
    media.ssrcs = []
    media.ssrcGroups = []
    return media
  })
  for (const value of own)
    if (!readOwn(value, session, session.media[value.section] as Draft<SdpMedia>)) return undefined
  return session
}

/** A copy that the client's own values can be written to. */
function withoutOwn(scope: SdpScope): Draft<SdpScope> {
  const copy = { ...scope } as Draft<SdpScope>
  copy.iceUfrag = undefined
  copy.icePwd = undefined
  copy.fingerprints = []
  copy.candidates = []
  return copy
}

function readOwn(
  { label, value: raw }: OwnValue,
  session: Draft<SdpDescription>,
  media: Draft<SdpMedia> | undefined,
): boolean {
  const value = raw.trimEnd()
  if (label.length + value.length > SDP_LIMITS.lineLength || CONTROL_CHARACTER.test(value)) return false
  if (label === 'o=') return isOrigin(value)
  if (label === 'm=') {
    const port = decimal(value, 1, 65_535)
    if (media) media.port = port
    return port > 0
  }
  if (label === 'c=') return true
  const attribute = label.slice(2) + value
  return (media ? readMediaAttribute(attribute, media) : readSessionAttribute(attribute, session)) === true
}
