/** What `npm pack` makes, unpacked as an installed package: ESM, require() and the command. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pkg from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../../', import.meta.url))
let app = ''
let installed = ''

beforeAll(() => {
  // Below the project's node_modules, so that the dependencies are found there as they would be in an app.
  const cache = join(root, 'node_modules', '.cache', 'manycast')
  mkdirSync(cache, { recursive: true })
  app = mkdtempSync(join(cache, 'pack-'))
  installed = join(app, 'node_modules', 'manycast')
  mkdirSync(installed, { recursive: true })
  const shell = process.platform === 'win32'
  execFileSync('npm', ['pack', '--pack-destination', app], { cwd: root, stdio: 'ignore', shell })
  const tarball = `manycast-${pkg.version}.tgz`
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], { cwd: app })
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }')
}, 120_000)

afterAll(() => rmSync(app, { recursive: true, force: true }))

function node(file: string, text: string) {
  writeFileSync(join(app, file), text)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const entries = Object.keys(pkg.exports).filter((path) => path !== './package.json')

it('imports as ESM, every entry point', () => {
  const lines = entries.map(
    (path) => `console.log(Object.keys(await import('${path.replace('.', 'manycast')}')).length > 0)`,
  )
  const { status, stdout } = node('app.mjs', lines.join('\n'))
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n'.repeat(entries.length) })
})

it('loads by require(), every entry point', () => {
  const lines = entries.map(
    (path) => `console.log(Object.keys(require('${path.replace('.', 'manycast')}')).length > 0)`,
  )
  const { status, stdout } = node('app.cjs', lines.join('\n'))
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n'.repeat(entries.length) })
})

it('has a browser client that needs nothing but its own modules', () => {
  const folder = join(installed, 'dist', 'client')
  const modules = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const text = modules.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const imports = [...text.matchAll(/\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g)].map(([, from, bare]) => from ?? bare)
  expect(imports.length).toBeGreaterThan(10)
  expect(imports.filter((name) => !name?.startsWith('./') || !modules.includes(name.slice(2)))).toEqual([])
  const { stdout } = node('client.mjs', "console.log(Object.keys(await import('manycast/client')).sort().join())")
  expect(stdout).toBe('ClientError,publish,watch\n')
})

it('ends by itself after an Sfu was closed', () => {
  const lines = ["import { Sfu } from 'manycast'", 'const sfu = new Sfu()', 'await sfu.ready()', 'await sfu.close()']
  expect(node('close.mjs', lines.join('\n'))).toEqual({ status: 0, stdout: '', stderr: '' })
})

it('brings its command, with the pages', () => {
  const command = join(installed, pkg.bin.manycast)
  const { status, stdout } = spawnSync(process.execPath, [command, '--version'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${pkg.version}\n` })
  expect(existsSync(join(installed, 'src', 'cli', 'pages', 'watch.html'))).toBe(true)
})

it('brings what belongs to it and nothing else', () => {
  expect(readdirSync(installed).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src'])
})

describe('manycast/testing', () => {
  /** Runs a program of the project in the app; its whole output. */
  function run(args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  }
  const bin = (...path: string[]) => join(root, 'node_modules', ...path)

  it('has types for applications, with those of Vitest', () => {
    mkdirSync(join(app, 'types'))
    writeFileSync(join(app, 'types', 'index.mts'), TYPES)
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'es2023', skipLibCheck: true }
    writeFileSync(join(app, 'types', 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    expect(run([bin('typescript', 'bin', 'tsc'), '-p', 'types'])).toEqual({ status: 0, output: '' })
  })

  it('has no type of werift in its declarations', () => {
    const folder = join(installed, 'dist', 'testing')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.d.ts'))
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((path) => /['"]werift['"]/.test(readFileSync(join(folder, path), 'utf8')))).toEqual([])
  })

  describe('and the tests of the example', () => {
    beforeAll(() => cpSync(join(root, 'examples', 'testing'), join(app, 'tests'), { recursive: true }))

    it('pass in Vitest, with media', () => {
      const { status, output } = run([bin('vitest', 'vitest.mjs'), 'run', '--root', 'tests'])
      expect(output).toMatch(/Tests .*25 passed/)
      expect(status).toBe(0)
    })

    it('pass in node:test', () => {
      const { status, output } = run(['--test', join('tests', 'signaling-test.mjs')])
      expect(output).toContain('# pass 24')
      expect(status).toBe(0)
    })

    it('fail for an adapter that does not end sessions', () => {
      const file = join(app, 'tests', 'socket-signaling.mjs')
      const text = readFileSync(file, 'utf8')
      const faulty = text.replace('await session?.close(reason)', '')
      expect(faulty).not.toBe(text)
      writeFileSync(file, faulty)
      for (const args of [
        [bin('vitest', 'vitest.mjs'), 'run', '--root', 'tests', 'signaling'],
        ['--test', join('tests', 'signaling-test.mjs')],
      ]) {
        const { status, output } = run(args)
        expect(output).toContain('ends the session of a client that leaves')
        expect(status).toBe(1)
      }
    })
  })
})

const TYPES = `
import { Broadcast, type SignalingTarget } from 'manycast'
import * as kit from 'manycast/testing'
import { expect } from 'vitest'

declare module 'vitest' {
  interface Matchers<T = any> extends kit.MediaMatchers<T> {}
}
expect.extend(kit.mediaMatchers)

const broadcast = new Broadcast()
const exchange: kit.OfferExchange = async (offer) => (await broadcast.addViewer(offer)).sdp
const viewer: kit.TestViewer = await kit.testViewer(exchange, { audio: false, onPacket: ({ seq }) => seq })
const publisher: kit.TestPublisher = await kit.testPublisher(exchange, { video: { bitrateBps: 300_000 } })
await viewer.whenReceived({ frames: 1 }, { since: viewer.received })
expect(viewer).toHaveReceivedFrames(1)
expect(viewer.received).not.toHaveLossAtMost(0.1, 'audio')
kit.assertBitrateBetween(viewer, 1, 2)
const sent: number = publisher.sent.video.keyframes + viewer.received.video.lost

const target: kit.FakeTarget = kit.fakeTarget({ answerSdp: ({ sdp }) => sdp })
const asTarget: SignalingTarget = target
const { sfu, clock, media } = kit.fakeSfu({ idleTimeoutMs: 1000 })
const other: SignalingTarget = sfu
media.connect((await sfu.broadcast('main').addViewer('')).session)
const link = new kit.VirtualLink(clock, 1, (packet) => packet.length, { lossRate: 0.1 })
const cases: readonly kit.ContractCase[] = kit.signalingContract(() => ({
  join: async ({ role, offerSdp }) => ({ answerSdp: role + offerSdp + (await asTarget.view(offerSdp)).sdp }),
}), { without: ['leave'] })
// @ts-expect-error there is no such feature
kit.signalingContract(() => ({ join: async () => ({ answerSdp: '' }) }), { without: ['leaves'] })
export { cases, link, other, sent }
`
