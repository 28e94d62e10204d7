/** The picture size in a payload with an H.265 sequence parameter set (ITU-T H.265, sections 7.3.2.2.1, 7.3.3 and 7.4.3.2.1). */
import { BitReader } from './bit-reader.js'
import type { FrameSize } from './frame-size.js'
import { parseH265ParameterSet } from './h265-parameter-set.js'
import { H265Units } from './h265-units.js'
import { readRawBytes } from './raw-bytes.js'

const SEQUENCE_PARAMETER_SET = 33

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H265Units()
const bits = new BitReader()

/** The size in the first sequence parameter set of the base layer, less what is cropped; undefined if there is none that can be read. */
export function readH265FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  units.reset(buffer, start, end)
  while (units.next()) {
    if (units.type !== SEQUENCE_PARAMETER_SET || units.layerId !== 0) continue
    return readH265ParameterSet(buffer, units.start, units.end)
  }
  return undefined
}

/** The size in the sequence parameter set whose NAL unit has `buffer[start, end)` behind its header. */
export function readH265ParameterSet(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  readRawBytes(bits, buffer, start, end)
  return parseH265ParameterSet(bits).size
}
