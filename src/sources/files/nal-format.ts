/** What the NAL unit types of H.264 (ITU-T H.264, table 7-1) and H.265 (ITU-T H.265, table 7-1) mean for how units make up pictures. */

import { H264_PARAMETER_SETS } from '../../media/payload/h264-depacketizer.js'
import { H265_PARAMETER_SETS } from '../../media/payload/h265-depacketizer.js'
import type { ParameterSetRules } from '../../media/payload/parameter-sets.js'

/** The types of one codec. */
export interface NalFormat {
  readonly name: 'H264' | 'H265'
  typeOf(unit: Uint8Array): number
  /** A part of a picture, whose first byte behind the header has its top bit set if it is the first part. */
  isSlice(type: number): boolean
  readonly headerLength: number
  /** A slice of a picture that depends on no other. */
  isKeySlice(type: number): boolean
  readonly parameterSets: ParameterSetRules
  /** Behind a slice, it belongs to the next picture. */
  opensPicture(type: number): boolean
}

const H264: NalFormat = {
  name: 'H264',
  typeOf: (unit) => (unit[0] ?? 0) & 0x1f,
  isSlice: (type) => type >= 1 && type <= 5,
  headerLength: 1,
  isKeySlice: (type) => type === 5,
  parameterSets: H264_PARAMETER_SETS,
  // SEI, parameter sets, the access unit delimiter, and what is reserved for the like.
  opensPicture: (type) => (type >= 6 && type <= 9) || (type >= 14 && type <= 18),
}

const H265: NalFormat = {
  name: 'H265',
  typeOf: (unit) => ((unit[0] ?? 0) >> 1) & 0x3f,
  isSlice: (type) => type <= 31,
  headerLength: 2,
  isKeySlice: (type) => type >= 16 && type <= 21,
  parameterSets: H265_PARAMETER_SETS,
  // Parameter sets, the access unit delimiter, SEI in front of a picture, and what is reserved for the like.
  opensPicture: (type) => (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || type >= 48,
}

/** The types of each codec. */
export const NAL_FORMATS: Readonly<Record<'H264' | 'H265', NalFormat>> = { H264, H265 }
