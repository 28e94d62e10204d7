/** A viewer that asks for all layers of a video at once, as a relay to another server does: receive simulcast (RFC 8853, section 5.3.2). */
import { EXTENSION_URI } from '../rtp/extension-uri.js'
import type { AcceptedSection } from './accept-section.js'
import { acceptReceivedSimulcast } from './accept-simulcast.js'
import type { SdpMedia } from './description.js'
import type { SdpCapabilities, ViewerLayer } from './types.js'

/** The layers of one section. */
export interface AcceptedViewerLayers {
  /** Worst quality first, by the offer's order; at least one. */
  readonly layers: readonly ViewerLayer[]
  /** The answer's attributes about them. */
  readonly lines: readonly string[]
}

/** Without these in packets, neither streams nor repairs could be told apart (RFC 8852). */
const NAMING_EXTENSIONS = [EXTENSION_URI.rid, EXTENSION_URI.repairedRid]

/** What may be taken of `media`: for one with several layers, also the extensions that name them. */
export function capabilitiesFor(media: SdpMedia, capabilities: SdpCapabilities): SdpCapabilities {
  if (media.simulcastReceive.length === 0 || capabilities.viewerLayers < 2) return capabilities
  return { ...capabilities, viewerExtensions: [...capabilities.viewerExtensions, ...NAMING_EXTENSIONS] }
}

/**
 * The layers that the section is answered with; undefined where the viewer gets one at a time.
 *
 * @param pauses whether the viewer can pause and resume streams.
 * @param ssrc gives a fresh SSRC.
 */
export function acceptViewerLayers(
  media: SdpMedia,
  { kind, extensions, accepted }: Pick<AcceptedSection, 'kind' | 'extensions' | 'accepted'>,
  { viewerLayers }: Pick<SdpCapabilities, 'viewerLayers'>,
  pauses: boolean,
  ssrc: () => number,
): AcceptedViewerLayers | undefined {
  const has = (uri: string): boolean => extensions.some((extension) => extension.uri === uri)
  if (kind !== 'video' || viewerLayers < 2 || !has(EXTENSION_URI.rid) || !has(EXTENSION_URI.mid)) return undefined
  const { rids, paused, lines } = acceptReceivedSimulcast(media, accepted.payloadTypes, viewerLayers, pauses)
  if (rids.length === 0) return undefined
  const layers = rids.map((rid) => ({
    rid,
    ssrc: ssrc(),
    ...(accepted.rtx.length > 0 ? { rtxSsrc: ssrc() } : {}),
    ...(paused.includes(rid) ? { paused: true } : {}),
  }))
  return { layers, lines }
}
