/** What the conformance command prints. */
import type { CheckResult } from './run-checks.js'

/** The results of one endpoint. */
export interface EndpointReport {
  readonly protocol: 'whip' | 'whep'
  readonly endpoint: string
  readonly results: readonly CheckResult[]
}

/** How many there are of each. */
export interface CheckCounts {
  readonly checks: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const WORDS = { pass: 'pass', fail: 'FAIL', skip: 'skip' } as const
const CLAUSE_WIDTH = 27

/** The headline of an endpoint. */
export function endpointLine({ protocol, endpoint }: Pick<EndpointReport, 'protocol' | 'endpoint'>): string {
  return `${protocol.toUpperCase()} ${endpoint}\n`
}

/** One line per check, and one more for what went wrong. */
export function resultLine({ outcome, clause, level, title, detail }: CheckResult): string {
  const head = `  ${WORDS[outcome]}  ${level.padEnd(6)}  ${clause.padEnd(CLAUSE_WIDTH)}  ${title}\n`
  return detail === '' ? head : `${head}${' '.repeat(16)}${detail}\n`
}

/** The last line. */
export function summaryLine(reports: readonly EndpointReport[]): string {
  const { checks, passed, failed, skipped } = countChecks(reports)
  return `\n${checks} checks: ${passed} passed, ${failed} failed, ${skipped} skipped\n`
}

/** All of it for programs. */
export function jsonReport(reports: readonly EndpointReport[]): string {
  return `${JSON.stringify({ ...countChecks(reports), endpoints: reports }, null, 2)}\n`
}

/** Counts them. */
export function countChecks(reports: readonly EndpointReport[]): CheckCounts {
  const results = reports.flatMap((report) => report.results)
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length
  return { checks: results.length, passed: count('pass'), failed: count('fail'), skipped: count('skip') }
}
