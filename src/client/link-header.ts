/** `Link` header fields (RFC 8288), by which a server offers ICE servers and extensions. */

/** One link: its target, and its parameters by their names in lower case. */
export type Link = Readonly<Record<string, string> & { target: string }>

const LINK = /<([^>]*)>((?:[^<"]|"(?:\\.|[^"\\])*")*)/g
const PARAMETER = /;\s*([\w*-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;,"]+))/g

/** The links of a header; what is malformed is passed over. */
export function parseLinks(header?: string | null): Link[] {
  return [...(header ?? '').matchAll(LINK)].map(([, target = '', text = '']) => {
    const parameters = [...text.matchAll(PARAMETER)].map(([, name = '', quoted, token]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? token,
    ])
    return { ...Object.fromEntries(parameters), target }
  })
}

/** The ICE servers among them (RFC 9725, section 4.6), but for those that a browser would refuse: without credentials there is no TURN. */
export function iceServersOf(links: readonly Link[]): RTCIceServer[] {
  return links.flatMap(({ rel, target: urls, username, credential }) => {
    if (rel !== 'ice-server') return []
    if (username && credential) return [{ urls, username, credential }]
    return urls.startsWith('stun') ? [{ urls }] : []
  })
}
