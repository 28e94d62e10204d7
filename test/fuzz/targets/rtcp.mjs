/** Compound RTCP: every reader on every packet. */
import { readBye, writeBye } from '../../../dist/rtp/rtcp/bye.js'
import {
  feedbackMediaSsrc,
  feedbackSenderSsrc,
  isFir,
  isPli,
  readFirEntry,
  readNack,
  readRemb,
  readRembSsrc,
  writeFir,
  writeNack,
  writePli,
  writeRemb,
} from '../../../dist/rtp/rtcp/feedback.js'
import { createPauseEntry, readPauseEntry, writePauseMessage } from '../../../dist/rtp/rtcp/pause.js'
import { writeReceiverReport } from '../../../dist/rtp/rtcp/receiver-report.js'
import { createReportBlock, readReportBlock } from '../../../dist/rtp/rtcp/report-block.js'
import { RTCP_TYPE } from '../../../dist/rtp/rtcp/rtcp-packet.js'
import { RtcpReader } from '../../../dist/rtp/rtcp/rtcp-reader.js'
import { readSdesCnames, writeSdesCname } from '../../../dist/rtp/rtcp/sdes.js'
import { createSenderReport, readSenderReport, writeSenderReport } from '../../../dist/rtp/rtcp/sender-report.js'
import { readTransportFeedback } from '../../../dist/rtp/rtcp/transport-feedback.js'
import { mutateBytes } from '../engine/mutate-bytes.mjs'
import { must, readInTwoPlaces } from '../engine/oracles.mjs'

const reader = new RtcpReader()
const block = createReportBlock()
const report = createSenderReport()
const remb = { bitrateBps: 0, ssrcCount: 0 }
const fir = { ssrc: 0, seqNr: 0 }
const pause = createPauseEntry()
const seqs = new Uint16Array(512)
const ssrcs = new Uint32Array(31)
const feedback = { baseSeq: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0 }
const ticks = new Int32Array(4096)

function seeds() {
  const made = (write) => {
    const buffer = Buffer.alloc(400)
    return Buffer.from(buffer.subarray(0, write(buffer)))
  }
  const blocks = [0x11, 0x22].map((ssrc) => ({ ...createReportBlock(), ssrc }))
  const packets = [
    made((b) => writeSenderReport(b, 0, { ...createSenderReport(), ssrc: 0x11, packetCount: 5, octetCount: 700 })),
    made((b) => writeReceiverReport(b, 0, 0x11, blocks)),
    made((b) => writeSdesCname(b, 0, 0x11, 'someone@example')),
    made((b) => writeBye(b, 0, [0x11, 0x22], 'goodbye')),
    made((b) => writePli(b, 0, 0x11, 0x22)),
    made((b) => writeFir(b, 0, 0x11, 0x22, 3)),
    made((b) => writeNack(b, 0, 0x11, 0x22, [1, 2, 3, 17, 40, 65535])),
    made((b) => writeRemb(b, 0, 0x11, 2_500_000, [0x22, 0x33])),
    made((b) => writePauseMessage(b, 0, 0x11, 0, 0x22, 3)),
    made((b) => writePauseMessage(b, 0, 0x11, 2, 0x22, 3, 70_000)),
    // Transport-wide feedback with all kinds of chunks: run lengths, one-bit and two-bit vectors.
    Buffer.from('8fcd000700000011000000220001001000000a012008a0ffd55504080c101418', 'hex'),
    Buffer.from('8fcd00050000001100000022000a000700000a02200704040404040404', 'hex'),
  ]
  return [...packets, Buffer.concat(packets.slice(0, 10))]
}

function run(input) {
  readInTwoPlaces(input, (buffer, start, end, note) => {
    const accepted = reader.reset(buffer, start, end)
    note(accepted)
    let reached = start
    for (let count = 0; reader.next(); count++) {
      must(accepted && count < 1 + input.length / 4, 'packets come to an end')
      const { offset, length, packetType } = reader
      must(offset >= reached && offset + length <= end && length >= 4, 'packets follow each other within the datagram')
      reached = offset + length
      note(packetType, reader.count, offset - start, length)
      readAll(buffer, note)
    }
  })
}

function readAll(buffer, note) {
  note(isPli(reader), isFir(reader))
  if (reader.length >= 12) note(feedbackSenderSsrc(buffer, reader), feedbackMediaSsrc(buffer, reader))
  for (let i = 0; readReportBlock(buffer, reader, i, block); i++) {
    must(i < 31, 'report blocks come to an end')
    note(block.ssrc, block.fractionLost, block.packetsLost, block.highestSeq, block.jitter)
  }
  const { offset, length } = reader
  if (reader.packetType === RTCP_TYPE.senderReport && length >= 28) {
    note(
      readSenderReport(buffer, offset, report),
      report.ssrc,
      report.ntpSeconds,
      report.rtpTimestamp,
      report.octetCount,
    )
  }
  for (let i = 0; readFirEntry(buffer, reader, i, fir); i++) {
    must(8 * i < length, 'FIR entries come to an end')
    note(fir.ssrc, fir.seqNr)
  }
  for (let at = readPauseEntry(buffer, reader, 0, pause); at >= 0; at = readPauseEntry(buffer, reader, at, pause)) {
    must(at + 12 <= length, 'pause entries come to an end')
    note(at, pause.ssrc, pause.type, pause.pauseId, pause.extSeq)
  }
  const nacks = readNack(buffer, reader, seqs)
  must(nacks <= seqs.length, 'no more numbers are read than there is room for')
  note(nacks, ...seqs.subarray(0, nacks))
  if (readRemb(buffer, reader, remb)) {
    must(remb.bitrateBps >= 0 && remb.ssrcCount <= 255, 'a REMB is bounded')
    note(remb.bitrateBps, ...Array.from({ length: remb.ssrcCount }, (_, i) => readRembSsrc(buffer, reader, i)))
  }
  if (readTransportFeedback(buffer, reader, feedback, ticks)) {
    must(feedback.statusCount <= ticks.length, 'no more arrivals are read than there is room for')
    note(feedback.baseSeq, feedback.referenceTime, ...ticks.subarray(0, feedback.statusCount))
  }
  const byes = readBye(buffer, reader, ssrcs)
  must(byes <= 31, 'a BYE is bounded')
  note(byes, ...ssrcs.subarray(0, byes))
  for (const { ssrc, cname } of readSdesCnames(buffer, reader)) note(ssrc, cname)
}

export const target = { seeds, mutate: mutateBytes, maxLength: 1500, run }
