/** A server that is right, for the conformance command: everything but media. */
import { ALL_CHECKS } from '../../../../src/cli/conformance/all-checks.js'
import { HttpClient } from '../../../../src/cli/conformance/http-client.js'
import { type CheckResult, runChecks } from '../../../../src/cli/conformance/run-checks.js'
import { TestedServer } from '../../../../src/cli/conformance/tested-server.js'
import { type FetchHandler, turnRestServer, whipWhep } from '../../../../src/signaling/index.js'
import { fakeSfu } from '../../../support/fake-sfu.js'

export const TOKEN = 'the-secret'

/** The handler, with tokens and ICE servers. */
export function rightHandler(): FetchHandler {
  return whipWhep(fakeSfu().sfu, {
    authorize: ({ token }) => (token === TOKEN ? {} : undefined),
    iceServers: () => [
      { urls: 'stun:stun.example.org' },
      turnRestServer({ urls: 'turn:turn.example.org', secret: 's' }),
    ],
  })
}

/** Runs the checks of `groups` (all of them if there are none) against `handler`. */
export function check(
  handler: FetchHandler,
  protocol: 'whip' | 'whep',
  groups: readonly string[] = [],
): Promise<CheckResult[]> {
  const http = new HttpClient(handler, TOKEN, 10_000)
  const patience = { firstEventsMs: 20, endMs: 50 }
  const server = new TestedServer(protocol, `http://server.example/${protocol}/main`, http, patience)
  const checks = ALL_CHECKS.filter(({ id }) => groups.length === 0 || groups.includes(id.split('.')[0] ?? ''))
  return runChecks(checks, server)
}
