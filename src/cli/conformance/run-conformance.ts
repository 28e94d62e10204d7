/** `manycast conformance`: runs the checklist of WHIP and WHEP against any server, and prints what it does and does not. */
import { ALL_CHECKS } from './all-checks.js'
import { type Fetcher, HttpClient } from './http-client.js'
import { type EndpointReport, endpointLine, jsonReport, resultLine, summaryLine } from './report.js'
import { runChecks } from './run-checks.js'
import { TestedServer } from './tested-server.js'

/** What is tested, and how it is printed. */
export interface ConformanceCommand {
  readonly name: 'conformance'
  /** WHIP endpoint. */
  readonly whip: string | undefined
  /** WHEP endpoint. */
  readonly whep: string | undefined
  /** Sent as a bearer token. */
  readonly token: string | undefined
  readonly json: boolean
}

/** Runs it; resolves to true if nothing failed that a server must do. */
export async function runConformance(
  command: Omit<ConformanceCommand, 'name'>,
  print: (text: string) => void,
  fetcher: Fetcher = (request) => fetch(request),
): Promise<boolean> {
  const { whip, whep, token, json } = command
  const http = new HttpClient(fetcher, token)
  const reports: EndpointReport[] = []
  for (const [protocol, endpoint] of [
    ['whip', whip],
    ['whep', whep],
  ] as const) {
    if (endpoint === undefined) continue
    if (!json) print(endpointLine({ protocol, endpoint }))
    const server = new TestedServer(protocol, endpoint, http)
    const results = await runChecks(ALL_CHECKS, server, (result) => json || print(resultLine(result)))
    reports.push({ protocol, endpoint, results })
  }
  print(json ? jsonReport(reports) : summaryLine(reports))
  return reports.every(({ results }) => results.every(({ outcome, level }) => outcome !== 'fail' || level !== 'MUST'))
}
