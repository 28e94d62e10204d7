/** Runs the checklist against one endpoint, one check after the other. */
import type { Check } from './check.js'
import { CheckFailure, CheckSkipped } from './check-outcome.js'
import type { TestedServer } from './tested-server.js'

/** What became of a check. */
export interface CheckResult {
  readonly id: string
  readonly clause: string
  readonly level: Check['level']
  readonly title: string
  readonly outcome: 'pass' | 'fail' | 'skip'
  /** Why it failed or was skipped; '' if it passed. */
  readonly detail: string
}

/** Runs those of `checks` that `server`'s protocol has; `onResult` hears of each when it is done. */
export async function runChecks(
  checks: readonly Check[],
  server: TestedServer,
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) {
    if (check.only !== undefined && check.only !== server.protocol) continue
    const { id, clause, level, title } = check
    const result = { id, clause, level, title, ...(await outcomeOf(check, server)) }
    await server.endSessions()
    results.push(result)
    onResult(result)
  }
  return results
}

async function outcomeOf(check: Check, server: TestedServer): Promise<Pick<CheckResult, 'outcome' | 'detail'>> {
  try {
    await check.run(server)
    return { outcome: 'pass', detail: '' }
  } catch (error) {
    if (error instanceof CheckSkipped) return { outcome: 'skip', detail: error.message }
    if (error instanceof CheckFailure) return { outcome: 'fail', detail: error.message }
    return { outcome: 'fail', detail: `the request failed: ${reasonOf(error)}` }
  }
}

/** What a rejection says; `fetch` hides the reason in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
