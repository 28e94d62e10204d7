/** What several of the DTLS unit tests generate and share. */
import fc from 'fast-check'
import { expect } from 'vitest'

/** Bytes as the network may deliver them. */
export const anyBytes = (maxLength = 300) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))

/** The parser yields undefined for every proper prefix and for a byte too many, and never throws on anything. */
export function expectStrictParser(parse: (bytes: Buffer) => unknown, valid: Buffer): void {
  expect(parse(valid)).toBeDefined()
  for (let length = 0; length < valid.length; length++) {
    expect(parse(valid.subarray(0, length)), `cut to ${length} bytes`).toBeUndefined()
  }
  expect(parse(Buffer.concat([valid, Buffer.from([0])])), 'with a byte too many').toBeUndefined()
  expectNeverThrows(parse)
}

/** The parser takes anything. */
export function expectNeverThrows(parse: (bytes: Buffer) => unknown): void {
  fc.assert(
    fc.property(anyBytes(), (bytes) => {
      parse(bytes)
    }),
  )
}
