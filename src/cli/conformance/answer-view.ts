/** What an answer says, taken apart without judging it. */

/** One m-line and its attributes. */
export interface AnswerSection {
  readonly kind: string
  readonly port: number
  readonly formats: readonly string[]
  /** The values of `a=<name>`; '' for a flag. Attributes of the session stand in for those that may be given there. */
  values(name: string): readonly string[]
}

/** An answer, or a fragment. */
export interface AnswerView {
  /** Values of attributes above the first m-line. */
  values(name: string): readonly string[]
  readonly sections: readonly AnswerSection[]
  /** The sections that are not refused. */
  readonly accepted: readonly AnswerSection[]
}

/** These may be given once for all sections (RFC 8839, RFC 8122, RFC 4145). */
const INHERITED: readonly string[] = ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup', 'candidate']

/** Reads it. */
export function viewAnswer(text: string): AnswerView {
  const [head = '', ...parts] = text.split(/^(?=m=)/m)
  const session = attributesOf(head)
  const bundle = new Set(session('group').flatMap((group) => group.split(' ').slice(1)))
  const sections = parts.map((part) => {
    const [, kind = '', port = '', , formats = ''] = /^m=(\S+) (\d+)\S* (\S+) ?(.*)/.exec(part) ?? []
    const own = attributesOf(part)
    const values = (name: string) => {
      const found = own(name)
      return found.length === 0 && INHERITED.includes(name) ? session(name) : found
    }
    return { kind, port: Number(port), formats: formats.trim().split(/\s+/), values }
  })
  // With port 0, a section of the bundle is accepted all the same if it says so (RFC 8843, section 6).
  const accepted = sections.filter(({ port, values }) => {
    return port !== 0 || (values('bundle-only').length > 0 && values('mid').some((mid) => bundle.has(mid)))
  })
  return { values: session, sections, accepted }
}

function attributesOf(text: string): (name: string) => readonly string[] {
  const lines = text.split(/\r?\n/)
  return (name) =>
    lines.flatMap((line) => {
      if (line === `a=${name}`) return ['']
      return line.startsWith(`a=${name}:`) ? [line.slice(name.length + 3).trim()] : []
    })
}
