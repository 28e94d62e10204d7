/** What this side makes use of, so that negotiation offers nothing else back. */
import { EXTENSION_URI } from '../rtp/extension-uri.js'
import type { SdpCapabilities } from './types.js'

/** What the core passes from publisher to viewer unchanged, besides the MID that it writes itself. */
const FORWARDED_EXTENSIONS = [
  EXTENSION_URI.mid,
  EXTENSION_URI.audioLevel,
  EXTENSION_URI.videoOrientation,
  EXTENSION_URI.playoutDelay,
  EXTENSION_URI.absCaptureTime,
  EXTENSION_URI.dependencyDescriptor,
]

/** What loss repair, keyframe requests and congestion feedback need, of publishers and viewers alike. */
const FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'transport-cc', 'goog-remb']

/** Encoders make three layers, some four; each is a stream with a state of its own. */
const MAX_VIEWER_LAYERS = 8

/** The capabilities of the engine as it is. */
export const DEFAULT_CAPABILITIES: SdpCapabilities = {
  publisherExtensions: [
    ...FORWARDED_EXTENSIONS,
    EXTENSION_URI.rid,
    EXTENSION_URI.repairedRid,
    EXTENSION_URI.transportWide,
  ],
  viewerExtensions: [...FORWARDED_EXTENSIONS, EXTENSION_URI.transportWide],
  publisherFeedback: FEEDBACK,
  viewerFeedback: FEEDBACK,
  rtx: true,
  simulcast: true,
  viewerLayers: MAX_VIEWER_LAYERS,
  pause: true,
}
