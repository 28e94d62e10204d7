/** The 48-bit packet index of SRTP: rollover counter and sequence number (RFC 3711, section 3.3.1 and appendix A). */

/** Indexes reach up to this, exclusive; then the keys are used up (RFC 3711, section 9.2). */
export const RTP_INDEX_LIMIT = 2 ** 48

/** SRTCP indexes reach up to this, exclusive. */
export const RTCP_INDEX_LIMIT = 2 ** 31

const SEQUENCE_CYCLE = 0x1_0000
const HALF_CYCLE = 0x8000

/**
 * The index that a packet with sequence number `seq` most likely has, given the highest authenticated index of its SSRC, or -1
 * if there is none yet. May reach {@link RTP_INDEX_LIMIT}, which the caller refuses.
 *
 * No packet precedes rollover counter 0, so there a sequence number far ahead is taken as it stands and not as one of a cycle before.
 */
export function estimateIndex(highestIndex: number, seq: number): number {
  if (highestIndex < 0) return seq
  const highestSeq = highestIndex % SEQUENCE_CYCLE
  const cycleStart = highestIndex - highestSeq
  if (highestSeq < HALF_CYCLE) {
    if (seq - highestSeq > HALF_CYCLE && cycleStart > 0) return cycleStart - SEQUENCE_CYCLE + seq
  } else if (highestSeq - HALF_CYCLE > seq) {
    return cycleStart + SEQUENCE_CYCLE + seq
  }
  return cycleStart + seq
}
