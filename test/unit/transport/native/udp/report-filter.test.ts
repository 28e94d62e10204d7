import { expect, it } from 'vitest'
import { REPORT_FILTER_LENGTH, reportFilter } from '../../../../../src/transport/native/udp/report-filter.js'
import { classifyDatagram, DATAGRAM_KIND } from '../../../../../src/transport/udp/classify-datagram.js'

/** What the kernel's machine does with it (classic BPF: the accumulator, loads of single bytes, forward jumps). */
function run(program: Buffer, datagram: Uint8Array): number {
  let a = 0
  for (let at = 0; at < program.length; at += 8) {
    const operand = program.readUInt32LE(at + 4)
    const jump = (isTaken: boolean) => 8 * (program[at + (isTaken ? 2 : 3)] as number)
    const code = program.readUInt16LE(at)
    if (code === 0x06) return operand
    if (code === 0x30) {
      const byte = datagram[operand]
      if (byte === undefined) return 0
      a = byte
    } else if (code === 0x54) a &= operand
    else if (code === 0x25) at += jump(a > operand)
    else if (code === 0x35) at += jump(a >= operand)
    else throw new Error(`an instruction that nobody expects: ${code}`)
  }
  throw new Error('the program has no end')
}

it('sends RTCP to the second socket, and everything else to the first', () => {
  const program = reportFilter()
  expect(program.length).toBe(8 * REPORT_FILTER_LENGTH)
  const datagram = Buffer.alloc(40)
  let reports = 0
  for (let i = 0; i < 0x1_0000; i++) {
    datagram.writeUInt16BE(i)
    const isReport = classifyDatagram(datagram, 0, datagram.length) === DATAGRAM_KIND.rtcp
    if (isReport) reports++
    if (run(program, datagram) !== Number(isReport)) expect(`${i.toString(16)} is sent elsewhere`).toBe('')
  }
  expect(reports).toBe(64 * 64)
})

it('sends what is too short to tell to the first', () => {
  expect(run(reportFilter(), Buffer.alloc(0))).toBe(0)
  expect(run(reportFilter(), Buffer.of(0x80))).toBe(0)
})
