/**
 * OpenSSL as one thread uses it for handshakes: its functions, and the memory through which texts and records go in and out.
 *
 * What OpenSSL has to say about a failure lies in a queue of the thread, which `node:crypto` reads as well: it is emptied before each call that may
 * fail and after it.
 */
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'
import { bindOpenSsl, type OpenSslFunctions } from './openssl-functions.js'

/** More than a record and its header have (RFC 6347, section 4.1), or any text. */
const INPUT_BYTES = 20_480
const OUTPUT_BYTES = 16_384
/** No call leaves more errors behind than a few. */
const MAX_ERRORS = 64
const ERROR_TEXT_BYTES = 256

/** See the top of the file. Nothing in its memory is of use for longer than a call. */
export class OpenSsl {
  readonly fn: OpenSslFunctions
  readonly #input: NativeMemory
  readonly #output: NativeMemory

  /** Throws an Error that says why if this process has not all that is needed. */
  constructor(library: NativeLibrary) {
    const functions = bindOpenSsl(library)
    if ('missing' in functions) throw new Error(`the process has no ${functions.missing}`)
    this.fn = functions
    this.#input = new NativeMemory(library, INPUT_BYTES)
    this.#output = new NativeMemory(library, OUTPUT_BYTES)
  }

  /** The address of a copy of `bytes`, good until the next one. Throws `internal-error` if they are too many. */
  input(bytes: Buffer): number {
    const address = this.#input.at(0, bytes.length)
    bytes.copy(this.#input.buffer)
    return address
  }

  /** Forgets what was put in last: a private key. */
  wipe(): void {
    this.#input.buffer.fill(0)
  }

  /** The same of a text, with the zero byte that ends it in C. */
  text(text: string): number {
    return this.input(Buffer.from(`${text}\0`, 'latin1'))
  }

  /** A copy of what `write` has put at the address that it is given: as many bytes as it says, at most `length`. */
  output(length: number, write: (address: number) => number): Buffer {
    const written = write(this.#output.at(0, length))
    return Buffer.from(this.#output.buffer.subarray(0, Math.max(0, Math.min(written, length))))
  }

  /** Everything that waits in a memory BIO. */
  drain(bio: number): Buffer {
    const parts: Buffer[] = []
    for (;;) {
      const part = this.output(OUTPUT_BYTES, (address) => this.fn.BIO_read(bio, address, OUTPUT_BYTES))
      if (part.length === 0) return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
      parts.push(part)
    }
  }

  /** The address of a function of this process; 0 if there is none. */
  symbol(name: string): number {
    const DEFAULT_ORDER = 0
    return this.fn.dlsym(DEFAULT_ORDER, this.text(name))
  }

  /** Empties the queue of errors. */
  clearErrors(): void {
    this.fn.ERR_clear_error()
  }

  /** What the first error in the queue is about, in OpenSSL's words; empties the queue. */
  takeError(): string {
    const first = this.fn.ERR_get_error()
    for (let i = 0; i < MAX_ERRORS && this.fn.ERR_get_error() !== 0; i++) {
      // The others say through which functions it went.
    }
    if (first === 0) return 'no reason given'
    const text = this.output(ERROR_TEXT_BYTES, (address) => {
      this.fn.ERR_error_string_n(first, address, ERROR_TEXT_BYTES)
      return ERROR_TEXT_BYTES
    })
    // As in "error:0A00007B:SSL routines::bad signature", and a zero byte.
    return (
      text
        .toString('latin1', 0, Math.max(0, text.indexOf(0)))
        .split(':')
        .at(-1) || 'no reason given'
    )
  }
}
