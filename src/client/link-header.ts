/** `Link` header fields (RFC 8288), by which a server offers ICE servers and extensions. */

/** One link; parameters by their names in lower case. */
export interface Link {
  readonly target: string
  readonly parameters: Readonly<Record<string, string>>
}

const LINK = /<([^>]*)>((?:[^<"]|"(?:\\.|[^"\\])*")*)/g
const PARAMETER = /;\s*([\w*-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;,"]+))/g

/** The links of a header; what is malformed is passed over. */
export function parseLinks(header: string | null): Link[] {
  return [...(header ?? '').matchAll(LINK)].map(([, target = '', text = '']) => ({
    target,
    parameters: Object.fromEntries(
      [...text.matchAll(PARAMETER)].map(([, name = '', quoted, token]) => [
        name.toLowerCase(),
        quoted?.replace(/\\(.)/g, '$1') ?? token ?? '',
      ]),
    ),
  }))
}

/** The ICE servers among them (RFC 9725, section 4.6). */
export function iceServersOf(links: readonly Link[]): RTCIceServer[] {
  return links
    .filter(({ parameters }) => parameters.rel === 'ice-server')
    .map(({ target, parameters: { username = '', credential = '' } }) => ({ urls: target, username, credential }))
}
