/** The level that a client says of the audio in a packet (RFC 6464, section 3): one octet in a header extension, readable without decoding. */
import { ExtensionElement } from '../../rtp/header-extension.js'
import type { RtpHeader } from '../../rtp/rtp-header.js'

/** Set where the sender has found voice in the packet. */
export const VOICE_BIT = 0x80
/** The other bits: the level in -dBov, 0 for the loudest, 127 for silence. */
export const LEVEL_MASK = 0x7f
/** The least level, in dBov. */
export const SILENCE_DBOV = -127

const element = new ExtensionElement()

/** The octet of the extension with that id; -1 for a packet without. */
export function readAudioLevel(buffer: Uint8Array, header: RtpHeader, id: number): number {
  if (id === 0 || header.extensionLength === 0) return -1
  // In the two-byte form an element may be empty.
  return element.find(buffer, header, id) && element.length > 0 ? (buffer[element.offset] as number) : -1
}
