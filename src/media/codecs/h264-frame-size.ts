/** The picture size in a payload with an H.264 sequence parameter set (ITU-T H.264, sections 7.3.2.1.1 and 7.4.2.1.1). */
import { BitReader } from './bit-reader.js'
import type { FrameSize } from './frame-size.js'
import { parseH264ParameterSet } from './h264-parameter-set.js'
import { H264Units } from './h264-units.js'
import { readRawBytes } from './raw-bytes.js'

const SEQUENCE_PARAMETER_SET = 7

// Scratch memory of the thread, where packets are handled one at a time.
const units = new H264Units()
const bits = new BitReader()

/** The size in the first sequence parameter set of the payload, less what is cropped; undefined if there is none that can be read. */
export function readH264FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  units.reset(buffer, start, end)
  while (units.next()) {
    if (units.type !== SEQUENCE_PARAMETER_SET) continue
    return readH264ParameterSet(buffer, units.start, units.end)
  }
  return undefined
}

/** The size in the sequence parameter set whose NAL unit has `buffer[start, end)` behind its header. */
export function readH264ParameterSet(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  readRawBytes(bits, buffer, start, end)
  return parseH264ParameterSet(bits)
}
