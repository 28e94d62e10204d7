/**
 * The program that the kernel runs for each datagram to choose between the two sockets of a port (`SO_ATTACH_REUSEPORT_CBPF`, Linux 4.5): RTCP goes to
 * the second one, everything else to the first. Classic BPF, by the bounds of RFC 7983, section 7, and RFC 5761, section 4.
 */

/** Bytes of one instruction: code (16 bit), two jumps (8 bit each), operand (32 bit). */
const INSTRUCTION_BYTES = 8

const LOAD_BYTE = 0x30
const AND = 0x54
const JUMP_IF_GREATER = 0x25
const JUMP_IF_AT_LEAST = 0x35
const RETURN = 0x06

/** Instructions as `[code, jump if true, jump if not, operand]`; a byte that the datagram does not have ends it with 0, the first socket. */
const INSTRUCTIONS: readonly (readonly [code: number, yes: number, no: number, operand: number])[] = [
  [LOAD_BYTE, 0, 0, 0],
  [JUMP_IF_AT_LEAST, 0, 6, 128],
  [JUMP_IF_GREATER, 5, 0, 191],
  [LOAD_BYTE, 0, 0, 1],
  [AND, 0, 0, 0x7f],
  [JUMP_IF_AT_LEAST, 0, 2, 64],
  [JUMP_IF_GREATER, 1, 0, 95],
  [RETURN, 0, 0, 1],
  [RETURN, 0, 0, 0],
]

/** How many instructions the program has. */
export const REPORT_FILTER_LENGTH = INSTRUCTIONS.length

/** The program as an array of `struct sock_filter`, for a little-endian machine. */
export function reportFilter(): Buffer {
  const program = Buffer.alloc(INSTRUCTIONS.length * INSTRUCTION_BYTES)
  INSTRUCTIONS.forEach(([code, yes, no, operand], i) => {
    const at = i * INSTRUCTION_BYTES
    program.writeUInt16LE(code, at)
    program[at + 2] = yes
    program[at + 3] = no
    program.writeUInt32LE(operand, at + 4)
  })
  return program
}
