/** What a packet says about where it belongs, in header extensions: MID (RFC 8843, section 15), rid and repaired rid (RFC 8852, section 4). */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import { ExtensionElement } from '../../rtp/header-extension.js'
import type { RtpHeader } from '../../rtp/rtp-header.js'
import type { HeaderExtension } from '../../rtp/types.js'

const element = new ExtensionElement()

/** A section as far as identification needs it. */
interface Identified {
  readonly id: string
  readonly extensions: readonly HeaderExtension[]
}

/**
 * Those of `sections` that the packet may belong to: the one that its MID names, or all if it has none. A MID that no section has makes it
 * nobody's: it is another session's packet, not a reason to guess.
 */
export function sectionsOf<T extends Identified>(
  sections: readonly T[],
  buffer: Buffer,
  header: RtpHeader,
): readonly T[] {
  const named = sections.find(({ id, extensions }) => readText(buffer, header, extensions, EXTENSION_URI.mid) === id)
  if (named !== undefined) return [named]
  return sections.some(({ extensions }) => readText(buffer, header, extensions, EXTENSION_URI.mid)) ? [] : sections
}

/** The rid of a packet, if it says one. */
export function readRid(buffer: Buffer, header: RtpHeader, extensions: readonly HeaderExtension[]): string | undefined {
  return readText(buffer, header, extensions, EXTENSION_URI.rid)
}

/** The rid of the stream that a retransmission repairs, if it says one. */
export function readRepairedRid(
  buffer: Buffer,
  header: RtpHeader,
  extensions: readonly HeaderExtension[],
): string | undefined {
  return readText(buffer, header, extensions, EXTENSION_URI.repairedRid)
}

function readText(
  buffer: Buffer,
  header: RtpHeader,
  extensions: readonly HeaderExtension[],
  uri: string,
): string | undefined {
  const id = extensions.find((extension) => extension.uri === uri)?.id
  if (id === undefined || !element.find(buffer, header, id)) return undefined
  return buffer.toString('utf8', element.offset, element.offset + element.length)
}
