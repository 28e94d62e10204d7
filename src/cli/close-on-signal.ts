/** What the command does when it is told to end: at SIGTERM, as supervisors send it, it lets its clients go elsewhere first; at SIGINT it ends now. */

/** Sessions and connections that are not gone by then are not worth waiting for. */
const CLOSE_TIMEOUT_MS = 5000
const EXIT_FAILED = 1

/** What ends. */
export interface Closing {
  /** How many seconds SIGTERM leaves to the clients; 0 for none. */
  readonly drainSeconds: number
  /** Resolves when no client is left, or when the time is over. */
  drain(deadlineMs: number): Promise<void>
  close(): Promise<void>
}

/** The first signal ends in good order with exit code 0, the second one at once. */
export function closeOnSignal({ drainSeconds, drain, close }: Closing): void {
  let isClosing = false
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const drains = signal === 'SIGTERM' && drainSeconds > 0
    const what = drains ? `draining for ${drainSeconds} s at most` : 'closing'
    process.stdout.write(`\n${signal}: ${what}. Once more to force it.\n`)
    if (drains) await drain(1000 * drainSeconds)
    setTimeout(() => exitWith(new Error('closing took too long'), EXIT_FAILED), CLOSE_TIMEOUT_MS).unref()
    await close()
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(signal === 'SIGINT' ? 130 : 143)
    isClosing = true
    end(signal).then(
      () => process.exit(0),
      (error: unknown) => exitWith(error, EXIT_FAILED),
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** Says why, and ends. */
export function exitWith(error: unknown, code: number): never {
  process.stderr.write(`manycast: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(code)
}
