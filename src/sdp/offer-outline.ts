/**
 * An offer without what is each client's own. Two viewers with the same browser offer the same text but for a few values: session id, ICE
 * credentials, fingerprint, candidates, ports and names of streams.
 */

/** A value that was left out of an outline. */
export interface OwnValue {
  /** What stands before it on its line, e.g. `a=ice-ufrag:`; `m=` for the port of a media line. */
  readonly label: string
  /** As written, blanks and all. */
  readonly value: string
  /** The index of its media section; -1 for the session. */
  readonly section: number
}

/** An offer's text in two parts. */
export interface OfferOutline {
  /** The text without the own values, every line of it still there. */
  readonly outline: string
  /** What was left out, in order. */
  readonly own: readonly OwnValue[]
}

const ATTRIBUTES = [
  'ice-ufrag',
  'ice-pwd',
  'fingerprint',
  'candidate',
  'ssrc',
  'ssrc-group',
  'msid',
  'msid-semantic',
  'rtcp',
].map((name) => `a=${name}:`)

/** Attributes that have none of these as their third letter are shared; most are. */
const THIRD_LETTERS = new Set(ATTRIBUTES.map((label) => label.charCodeAt(2)))

const MEDIA_PORT = /m=[a-z]+ ([1-9][0-9]{0,4}) /y

const EQUALS = 0x3d
const [A, C, M, O] = [0x61, 0x63, 0x6d, 0x6f]

/** Divides the text. Texts with the same outline and equally many own values differ in nothing but these. */
export function outlineOf(text: string): OfferOutline {
  const own: OwnValue[] = []
  let outline = ''
  let copied = 0
  let section = -1
  // Only LF ends a line here; a CR before it stays in the value, as do other characters that some take for line ends.
  for (let at = text.indexOf('\n') + 1; at > 0; at = text.indexOf('\n', at) + 1) {
    if (text.charCodeAt(at + 1) !== EQUALS) continue
    const type = text.charCodeAt(at)
    let label: string | undefined
    let start = at
    let end = at
    if (type === M) {
      section++
      MEDIA_PORT.lastIndex = at
      const port = MEDIA_PORT.exec(text)?.[1]
      if (port === undefined) continue
      label = 'm='
      end = MEDIA_PORT.lastIndex - 1
      start = end - port.length
    } else {
      if (type === A) label = attributeAt(text, at)
      else if (type === O || type === C) label = text.slice(at, at + 2)
      if (label === undefined) continue
      start = at + label.length
      end = text.indexOf('\n', start)
      if (end < 0) end = text.length
    }
    outline += text.slice(copied, start)
    copied = end
    own.push({ label, value: text.slice(start, end), section })
  }
  return { outline: outline + text.slice(copied), own }
}

function attributeAt(text: string, at: number): string | undefined {
  if (!THIRD_LETTERS.has(text.charCodeAt(at + 2))) return undefined
  return ATTRIBUTES.find((label) => text.startsWith(label, at))
}
