/** The examples as processes of their own, on the built package. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../support/offers.js'

const running: ChildProcessWithoutNullStreams[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** Starts an example and resolves with what `pattern` finds in its output. */
function start(path: string, pattern: RegExp) {
  const file = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))
  const child = spawn(process.execPath, [file], { env: { ...process.env, PORT: '0' } })
  running.push(child)
  let output = ''
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const url = new Promise<string>((resolve, reject) => {
    const onData = (data: Buffer): void => {
      output += data
      const match = pattern.exec(output)
      if (match?.[1] !== undefined) resolve(match[1])
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    void exit.then(() => reject(new Error(`it ended: ${output}`)))
  })
  return { child, exit, url }
}

it('simple-server takes a publisher and ends when it is interrupted', async () => {
  const { child, exit, url } = start('simple-server/server.mjs', /WHIP: (http:\S+)\/<name>/)
  const response = await fetch(`${await url}/main`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', connection: 'close' },
    body: PUBLISHER_OFFER,
  })
  expect(response.status).toBe(201)
  expect(await response.text()).toContain('a=recvonly')
  child.kill('SIGINT')
  expect(await exit).toBe(0)
})

it('copy-paste serves its page and answers base64 with base64', async () => {
  const { child, exit, url } = start('copy-paste/server.mjs', /Open (http:\S+)/)
  const base = await url
  expect(await (await fetch(base)).text()).toContain('<h1>Copy and paste</h1>')
  const exchange = async (sdp: string) => {
    const body = Buffer.from(JSON.stringify({ type: 'offer', sdp })).toString('base64')
    const response = await fetch(new URL('/sdp', base), { method: 'POST', body })
    expect(response.status).toBe(200)
    return JSON.parse(Buffer.from(await response.text(), 'base64').toString()) as { type: string; sdp: string }
  }
  const first = await exchange(PUBLISHER_OFFER)
  expect(first.type).toBe('answer')
  expect(first.sdp).toContain('a=recvonly')
  expect((await exchange(VIEWER_OFFER)).sdp).toContain('a=sendonly')
  child.kill('SIGINT')
  expect(await exit).toBe(0)
})
