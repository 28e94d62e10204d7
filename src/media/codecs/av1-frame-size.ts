/** The picture size in an AV1 sequence header (AV1 specification, section 5.5). */
import { Av1Obus } from './av1-obus.js'
import { readAv1SequenceHeader } from './av1-sequence-header.js'
import { createFrameSize, type FrameSize } from './frame-size.js'

const SEQUENCE_HEADER_OBU = 1

// Scratch memory of the thread, where packets are handled one at a time.
const obus = new Av1Obus()

/**
 * The size in the payload's sequence header, which is that of the largest frames of the sequence; undefined if there is none that can
 * be read.
 */
export function readAv1FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  const continuesFragment = start < end && ((buffer[start] as number) & 0x80) !== 0
  if (continuesFragment) return undefined
  obus.reset(buffer, start, end)
  while (obus.next()) {
    if (obus.type !== SEQUENCE_HEADER_OBU) continue
    return readAv1SequenceSize(buffer, obus.start, obus.end)
  }
  return undefined
}

/** The size in the sequence header whose OBU has the data `buffer[start, end)`; undefined where it cannot be read. */
export function readAv1SequenceSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  const header = readAv1SequenceHeader(buffer, start, end)
  return header && createFrameSize(header.width, header.height)
}
