/** The header extension elements of received packets. */
import { ExtensionElement } from '../../../src/rtp/header-extension.js'
import { ntpToUnixMs } from '../../../src/rtp/ntp-time.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import type { ReceivedPacket } from './simulated-viewer.js'

/** The data of the element with that id; undefined if the packet has none. More than one is an error. */
export function elementOf(packet: Pick<ReceivedPacket, 'header'>, id: number): Buffer | undefined {
  const { header: bytes } = packet
  const header = new RtpHeader()
  if (!header.parse(bytes, 0, bytes.length)) throw new Error('the header is not whole')
  const element = new ExtensionElement()
  element.reset(header)
  let found: Buffer | undefined
  while (element.next(bytes)) {
    if (element.id !== id) continue
    if (found !== undefined) throw new Error(`two elements with the id ${id}`)
    found = bytes.subarray(element.offset, element.offset + element.length)
  }
  return found
}

/** An absolute capture time, in milliseconds. */
export interface CaptureStamp {
  /** When it was captured, by the capturer's clock. */
  readonly captureUnixMs: number
  /** The capturer's clock minus the sender's. */
  readonly offsetMs: number
}

/** Reads the long form of an absolute capture time. */
export function readCaptureStamp(data: Buffer): CaptureStamp {
  if (data.length !== 16) throw new Error(`an absolute capture time of ${data.length} bytes`)
  const offsetMs = data.readInt32BE(8) * 1000 + (data.readUInt32BE(12) * 1000) / 2 ** 32
  return { captureUnixMs: ntpToUnixMs(data.readUInt32BE(0), data.readUInt32BE(4)), offsetMs }
}
