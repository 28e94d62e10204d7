/** Reads `Link` header fields (RFC 8288, section 3). */

/** One link. */
export interface Link {
  readonly target: string
  readonly parameters: ReadonlyMap<string, string>
}

const LINK = /\s*<([^>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)\s*(?:,|$)/y
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?/g

/** The links in `value`; undefined if it is malformed. */
export function parseLinks(value: string | null): Link[] | undefined {
  const links: Link[] = []
  const text = value ?? ''
  LINK.lastIndex = 0
  while (LINK.lastIndex < text.length) {
    const match = LINK.exec(text)
    if (!match) return undefined
    const parameters = new Map<string, string>()
    for (const [, name = '', quoted, plain] of (match[2] ?? '').matchAll(PARAMETER)) {
      parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
    }
    links.push({ target: match[1] ?? '', parameters })
  }
  return links
}

/** The links of that relation. */
export function linksOf(headers: Headers, rel: string): Link[] {
  const links = parseLinks(headers.get('link')) ?? []
  return links.filter(({ parameters }) => parameters.get('rel')?.split(/\s+/).includes(rel))
}
