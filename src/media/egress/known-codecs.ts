/** What a viewer calls the codecs of the sources that it has been fed from: the comparison is made once for each, not for each packet. */
import type { Codec, PayloadCodec } from '../../rtp/types.js'
import { selectPayloadCodec } from './codec-match.js'
import type { EgressSection } from './egress-section.js'

/** How many codecs are remembered with what they match; more are matched anew. */
const MAX_KNOWN = 64

/** The matches of one section. */
export class KnownCodecs {
  readonly #section: Pick<EgressSection, 'codecs' | 'payloadFor'>
  readonly #matches = new Map<Codec, PayloadCodec | undefined>()

  constructor(section: Pick<EgressSection, 'codecs' | 'payloadFor'>) {
    this.#section = section
  }

  /** Under which of the viewer's payload types `codec` goes out; undefined if the viewer has not negotiated it. */
  match(codec: Codec): PayloadCodec | undefined {
    if (!this.#matches.has(codec)) {
      if (this.#matches.size >= MAX_KNOWN) this.#matches.clear()
      const { codecs, payloadFor } = this.#section
      this.#matches.set(codec, selectPayloadCodec(codec, codecs) ?? payloadFor?.(codec))
    }
    return this.#matches.get(codec)
  }
}
