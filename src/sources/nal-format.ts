/** What the NAL unit types of H.264 (ITU-T H.264, table 7-1) and H.265 (ITU-T H.265, table 7-1) mean for how units make up pictures. */

/** The types of one codec. */
export interface NalFormat {
  readonly name: 'H264' | 'H265'
  typeOf(unit: Uint8Array): number
  /** A part of a picture, whose first byte behind the header has its top bit set if it is the first part. */
  isSlice(type: number): boolean
  readonly headerLength: number
  /** A slice of a picture that depends on no other. */
  isKeySlice(type: number): boolean
  isParameterSet(type: number): boolean
  /** The set that others belong to. */
  readonly sequenceParameterSet: number
  /** Behind a slice, it belongs to the next picture. */
  opensPicture(type: number): boolean
}

const H264: NalFormat = {
  name: 'H264',
  typeOf: (unit) => (unit[0] ?? 0) & 0x1f,
  isSlice: (type) => type >= 1 && type <= 5,
  headerLength: 1,
  isKeySlice: (type) => type === 5,
  // With the extension of the sequence parameter set.
  isParameterSet: (type) => type === 7 || type === 8 || type === 13,
  sequenceParameterSet: 7,
  // SEI, parameter sets, the access unit delimiter, and what is reserved for the like.
  opensPicture: (type) => (type >= 6 && type <= 9) || (type >= 14 && type <= 18),
}

const H265: NalFormat = {
  name: 'H265',
  typeOf: (unit) => ((unit[0] ?? 0) >> 1) & 0x3f,
  isSlice: (type) => type <= 31,
  headerLength: 2,
  isKeySlice: (type) => type >= 16 && type <= 21,
  isParameterSet: (type) => type >= 32 && type <= 34,
  sequenceParameterSet: 33,
  // Parameter sets, the access unit delimiter, SEI in front of a picture, and what is reserved for the like.
  opensPicture: (type) => (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || type >= 48,
}

/** The types of each codec. */
export const NAL_FORMATS: Readonly<Record<'H264' | 'H265', NalFormat>> = { H264, H265 }
