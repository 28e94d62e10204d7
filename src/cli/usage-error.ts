/** A command line that is wrong. */

/** The command line is wrong; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
