/** The rid that packets of one of several streams of a section carry (RFC 8852). */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import type { ExtensionWriter } from '../../rtp/extension-writer.js'
import type { StreamSection } from './stream-sections.js'

/** The name of one stream. */
export class StreamName {
  readonly #rid: string
  readonly #ridId: number
  readonly #repairedRidId: number

  private constructor(rid: string, ridId: number, repairedRidId: number) {
    this.#rid = rid
    this.#ridId = ridId
    this.#repairedRidId = repairedRidId
  }

  /** That of the section's stream; undefined for the only one. */
  static create({ rid, extensions }: StreamSection): StreamName | undefined {
    const idOf = (wanted: string): number => extensions.find(({ uri }) => uri === wanted)?.id ?? 0
    return rid === undefined ? undefined : new StreamName(rid, idOf(EXTENSION_URI.rid), idOf(EXTENSION_URI.repairedRid))
  }

  /**
   * Adds it to what `writer` has.
   *
   * @param repairs the packet is a retransmission, and names the stream that it repairs. These are few, and the receiver learns their SSRC by
   * them however late the first comes, so all of them do.
   */
  add(writer: ExtensionWriter, repairs: boolean): void {
    const id = repairs ? this.#repairedRidId : this.#ridId
    if (id !== 0) writer.addAscii(id, this.#rid)
  }
}
