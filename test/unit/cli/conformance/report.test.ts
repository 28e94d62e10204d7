import { expect, it } from 'vitest'
import { runConformance } from '../../../../src/cli/conformance/run-conformance.js'
import { rightHandler, TOKEN } from './right-server.js'

const WHIP = 'http://server.example/whip/main'

/** A server that announces no extensions. */
function plainHandler(): ReturnType<typeof rightHandler> {
  const handler = rightHandler()
  return async (...request) => {
    const response = await handler(...request)
    const links = response.headers.get('link')?.split(/, (?=<)/) ?? []
    response.headers.delete('link')
    for (const link of links) if (!link.includes(':ext:')) response.headers.append('link', link)
    return response
  }
}

async function run(json: boolean, fetcher = plainHandler()) {
  let output = ''
  const command = { whip: WHIP, whep: undefined, token: TOKEN, timeoutMs: 10_000, json }
  const passed = await runConformance(command, (text) => (output += text), fetcher)
  return { passed, output }
}

it('prints a line per check with its clause, and how many there were', async () => {
  const { passed, output } = await run(false)
  expect(passed).toBe(true)
  const lines = output.split('\n')
  expect(lines[0]).toBe(`WHIP ${WHIP}`)
  expect(lines).toContain(
    '  pass  MUST    RFC 9725 §4.1                GET of the endpoint is a success without content',
  )
  expect(output).toMatch(/ {2}skip .*\n {16}the server has no extensions\n/)
  const checks = lines.filter((line) => /^ {2}(?:pass|FAIL|skip) /.test(line)).length
  expect(output.endsWith(`\n${checks} checks: ${checks - 1} passed, 0 failed, 1 skipped\n`)).toBe(true)
})

it('prints all of it as JSON', async () => {
  const report = JSON.parse((await run(true)).output)
  expect(report).toMatchObject({ failed: 0, skipped: 1, endpoints: [{ protocol: 'whip', endpoint: WHIP }] })
  expect(report.endpoints[0].results).toHaveLength(report.checks)
  expect(report.endpoints[0].results[0]).toEqual({
    id: 'endpoint.get',
    clause: 'RFC 9725 §4.1',
    level: 'MUST',
    title: 'GET of the endpoint is a success without content',
    outcome: 'pass',
    detail: '',
  })
})

it('says what went wrong, and fails', async () => {
  const { passed, output } = await run(false, async () => new Response(null, { status: 500 }))
  expect(passed).toBe(false)
  expect(output).toContain(
    '  FAIL  MUST    RFC 9725 §4.1                GET of the endpoint is a success without content\n',
  )
  expect(output).toContain('                GET was answered with 500\n')
})

it('fails for what a server only should do, too', async () => {
  const next = rightHandler()
  const { passed, output } = await run(false, async (request) => {
    const response = await next(request)
    response.headers.delete('accept-post')
    return response
  })
  expect(passed).toBe(false)
  expect(output).toContain('FAIL  SHOULD')
  expect(output).not.toContain('FAIL  MUST')
})

it('counts requests that fail as failures', async () => {
  const cause = new Error('connect ECONNREFUSED')
  const next = rightHandler()
  const { passed, output } = await run(false, (request) =>
    request.method === 'POST' ? Promise.reject(new TypeError('fetch failed', { cause })) : next(request),
  )
  expect(passed).toBe(false)
  expect(output).toContain('the request failed: fetch failed: connect ECONNREFUSED\n')
})

it('checks nothing where nobody answers', async () => {
  const cause = new Error('connect ECONNREFUSED')
  const running = run(false, () => Promise.reject(new TypeError('fetch failed', { cause })))
  await expect(running).rejects.toThrow(`${WHIP} cannot be reached: fetch failed: connect ECONNREFUSED`)
})
