/** Offers for the tests of this folder: those of real clients, and small ones made to order. */
import { readdirSync, readFileSync } from 'node:fs'
import { BroadcastError } from '../../../src/errors.js'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import { negotiatePublisher, type PublisherAnswerOptions } from '../../../src/sdp/negotiate-publisher.js'
import { negotiateViewer, type ViewerStreams } from '../../../src/sdp/negotiate-viewer.js'
import type {
  LocalParameters,
  Negotiation,
  PublisherSection,
  SdpCapabilities,
  ViewerSection,
} from '../../../src/sdp/types.js'

const FOLDER = new URL('../../fixtures/offers/', import.meta.url)

export interface OfferFixture {
  readonly name: string
  readonly role: 'publisher' | 'viewer'
  readonly sdp: string
}

/** Every offer in `test/fixtures/offers`; the name says the client and the role. */
export const FIXTURES: readonly OfferFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.sdp'))
  .sort()
  .map((file) => ({
    name: file.slice(0, -4),
    role: file.includes('-view') ? 'viewer' : 'publisher',
    sdp: readFileSync(new URL(file, FOLDER), 'utf8'),
  }))

export function fixture(name: string): string {
  const found = FIXTURES.find((one) => one.name === name)
  if (!found) throw new Error(`no fixture ${name}`)
  return found.sdp
}

export const LOCAL: LocalParameters = {
  iceUfrag: 'serverUfrag',
  icePwd: 'serverPasswordOf24Letter',
  fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') },
  candidates: [
    { foundation: '1', component: 1, protocol: 'udp', priority: 2130706431, ip: '192.0.2.1', port: 5000, type: 'host' },
    {
      foundation: '2',
      component: 1,
      protocol: 'udp',
      priority: 2130706175,
      ip: '2001:db8::1',
      port: 5000,
      type: 'host',
    },
  ],
  cname: 'cnameOfServer',
  sdpSessionId: '4242',
}

/** What later engines will be able to do, so that negotiation is ready for it. */
export const FULL_CAPABILITIES: SdpCapabilities = {
  ...DEFAULT_CAPABILITIES,
  publisherFeedback: ['nack', 'nack pli', 'ccm fir', 'transport-cc', 'goog-remb'],
  viewerFeedback: ['nack', 'nack pli', 'ccm fir', 'transport-cc', 'goog-remb'],
  rtx: true,
  simulcast: true,
  viewerLayers: 8,
  pause: true,
}

export function streams(): ViewerStreams {
  let next = 1000
  return { msid: 'stream', ssrc: () => next++ }
}

export const publish = (
  offer: string,
  capabilities = DEFAULT_CAPABILITIES,
  options: PublisherAnswerOptions = {},
): Negotiation<PublisherSection> => negotiatePublisher(offer, LOCAL, capabilities, options)

export const view = (offer: string, capabilities = DEFAULT_CAPABILITIES): Negotiation<ViewerSection> =>
  negotiateViewer(offer, LOCAL, streams(), capabilities)

/** The BroadcastError that `run` throws. */
export function errorOf(run: () => unknown): BroadcastError {
  try {
    run()
  } catch (error) {
    if (error instanceof BroadcastError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

export const FINGERPRINT = `sha-256 ${Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':')}`

export interface SectionParts {
  readonly type?: string
  readonly port?: number
  readonly protocol?: string
  readonly formats?: string
  readonly mid?: string | undefined
  readonly direction?: string
  readonly mux?: boolean
  /** More attribute lines, without `a=`. */
  readonly attributes?: readonly string[]
}

/** A media section with opus or VP8 unless told otherwise. */
export function section(parts: SectionParts = {}): string[] {
  const { type = 'video', port = 9, protocol = 'UDP/TLS/RTP/SAVPF', direction, mux = true, attributes = [] } = parts
  const isAudio = type === 'audio'
  const codec = parts.formats === undefined ? [isAudio ? 'a=rtpmap:111 opus/48000/2' : 'a=rtpmap:96 VP8/90000'] : []
  return [
    `m=${type} ${port} ${protocol} ${parts.formats ?? (isAudio ? '111' : '96')}`,
    'c=IN IP4 0.0.0.0',
    ...(parts.mid === undefined ? [] : [`a=mid:${parts.mid}`]),
    ...(direction === undefined ? [] : [`a=${direction}`]),
    ...(mux ? ['a=rtcp-mux'] : []),
    ...codec,
    ...attributes.map((attribute) => `a=${attribute}`),
  ]
}

/** Session-level attributes of a transport. */
export const TRANSPORT: readonly string[] = [
  'ice-ufrag:abcd',
  'ice-pwd:abcdefghijklmnopqrstuv',
  `fingerprint:${FINGERPRINT}`,
  'setup:actpass',
]

/** A whole offer. */
export function offerOf(session: readonly string[], ...sections: readonly string[][]): string {
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', ...session.map((attribute) => `a=${attribute}`)]
  return `${[...head, ...sections.flat()].join('\r\n')}\r\n`
}
