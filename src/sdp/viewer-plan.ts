/** What all viewers' offers with the same outline are answered with: what is accepted of them, and most of the answer's text. */
import { acceptsPause } from './accept-pause.js'
import { type AcceptedSection, acceptSection } from './accept-section.js'
import { type AnswerFrame, answerFrame } from './answer-frame.js'
import { type Bundle, chooseBundle } from './bundle.js'
import { chooseSections } from './choose-sections.js'
import type { SdpDescription, SdpMedia } from './description.js'
import type { SdpCapabilities } from './types.js'
import { capabilitiesFor } from './viewer-layers.js'

/** See the top of the file. */
export interface ViewerPlan {
  /** The accepted sections, in the offer's order. */
  readonly sections: readonly PlannedSection[]
  readonly frame: AnswerFrame
  /** The indices of the sections that share the transport, the tagged one first. */
  readonly bundled: readonly number[]
}

/** An accepted section. */
export interface PlannedSection {
  /** Its `media` is that of the offer that the plan was made for: nothing that is a client's own may be read of it. */
  readonly section: AcceptedSection
  /** Whether the viewer can pause and resume it. */
  readonly pause: boolean
}

/** Makes the plan. Throws what `chooseSections`, `chooseBundle` and `acceptSection` throw. */
export function planViewer(offer: SdpDescription, capabilities: SdpCapabilities): ViewerPlan {
  const chosen = chooseSections(offer, 'viewer')
  const bundle = chooseBundle(offer, chosen)
  const idsInUse = new Map<number, string>()
  const sections = chosen.map((media) => ({
    section: acceptSection(media, offer, 'viewer', capabilitiesFor(media, capabilities), idsInUse),
    pause: capabilities.pause && acceptsPause(media),
  }))
  return {
    sections,
    frame: answerFrame({ offer, role: 'viewer', bundle, sections }),
    bundled: bundle.members.map((media) => offer.media.indexOf(media)),
  }
}

/** The transport's sections in `offer`, which has the outline that the plan was made for. */
export function bundleOf({ bundled }: ViewerPlan, offer: SdpDescription): Pick<Bundle, 'tagged' | 'members'> {
  const members = bundled.map((index) => offer.media[index] as SdpMedia)
  return { tagged: members[0] as SdpMedia, members }
}
