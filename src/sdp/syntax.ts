/** Small pieces of SDP grammar (RFC 8866, section 9; RFC 8839, section 5; RFC 8851, section 10). */

const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+$/
const ICE_CHARS = /^[A-Za-z0-9+/]+$/
const RID = /^[A-Za-z0-9_-]{1,16}$/
const DIGITS = /^[0-9]{1,10}$/

/** The longest mid that is taken; real ones have one to twelve letters. */
const MAX_TOKEN_LENGTH = 64

/** A `token`, which also keeps what is echoed in an answer from meaning anything else there. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && TOKEN.test(text)
}

/** `ice-char`s, from `min` to 256 of them. */
export function isIceText(text: string, min: number): boolean {
  return text.length >= min && text.length <= 256 && ICE_CHARS.test(text)
}

/** A restriction identifier that fits the one-byte header extension. */
export function isRid(text: string): boolean {
  return RID.test(text)
}

/** The decimal number that `text` is, or -1 if it is none or lies outside `[min, max]`. */
export function decimal(text: string | undefined, min: number, max: number): number {
  if (text === undefined || !DIGITS.test(text)) return -1
  const value = Number(text)
  return value >= min && value <= max ? value : -1
}

/** The parts of `text` between runs of blanks. */
export function words(text: string): string[] {
  return text.split(/[ \t]+/).filter((word) => word !== '')
}
