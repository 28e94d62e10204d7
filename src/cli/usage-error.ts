/** What is wrong with a command line. */

/** The command line is wrong; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
