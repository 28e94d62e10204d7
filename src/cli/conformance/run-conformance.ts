/** `manycast conformance`: runs the checklist of WHIP and WHEP against any server, and prints what it does and does not. */
import { ALL_CHECKS } from './all-checks.js'
import { type Fetcher, HttpClient } from './http-client.js'
import { countChecks, type EndpointReport, endpointLine, jsonReport, resultLine, summaryLine } from './report.js'
import { reasonOf, runChecks } from './run-checks.js'
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
  /** How long a reply may take. */
  readonly timeoutMs: number
  readonly json: boolean
}

/** Runs it; resolves to true if nothing failed. Rejects if there is nobody to ask. */
export async function runConformance(
  command: Omit<ConformanceCommand, 'name'>,
  print: (text: string) => void,
  fetcher: Fetcher = (request) => fetch(request),
): Promise<boolean> {
  const { whip, whep, token, timeoutMs, json } = command
  const http = new HttpClient(fetcher, token, timeoutMs)
  const reports: EndpointReport[] = []
  for (const [protocol, endpoint] of [
    ['whip', whip],
    ['whep', whep],
  ] as const) {
    if (endpoint === undefined) continue
    await reach(http, endpoint)
    if (!json) print(endpointLine({ protocol, endpoint }))
    const server = new TestedServer(protocol, endpoint, http)
    const results = await runChecks(ALL_CHECKS, server, (result) => json || print(resultLine(result)))
    reports.push({ protocol, endpoint, results })
  }
  print(json ? jsonReport(reports) : summaryLine(reports))
  return countChecks(reports).failed === 0
}

/** One reply, whatever it says, before a hundred checks wait for theirs. */
async function reach(http: HttpClient, endpoint: string): Promise<void> {
  try {
    await http.send('OPTIONS', endpoint)
  } catch (error) {
    throw new Error(`${endpoint} cannot be reached: ${reasonOf(error)}`)
  }
}
