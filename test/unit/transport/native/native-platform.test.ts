import { expect, it } from 'vitest'
import { type PlatformFacts, whyNoNativePath } from '../../../../src/transport/native/native-platform.js'

const GLIBC = { getReport: () => ({ header: { glibcVersionRuntime: '2.36' } }) }
const GOOD: PlatformFacts = { platform: 'linux', arch: 'x64', versions: { openssl: '3.0.19' }, report: GLIBC }

it('Linux with glibc and OpenSSL 3 on both architectures is tried', () => {
  expect(whyNoNativePath(GOOD)).toBeUndefined()
  expect(whyNoNativePath({ ...GOOD, arch: 'arm64' })).toBeUndefined()
})

it.each<[string, Partial<PlatformFacts>, string]>([
  ['macOS', { platform: 'darwin' }, 'darwin'],
  ['Windows', { platform: 'win32' }, 'win32'],
  ['32 bit', { arch: 'arm' }, 'arm'],
  ['Electron', { versions: { electron: '40.0.0', openssl: '3.0.19' } }, 'electron'],
  ['BoringSSL', { versions: { openssl: '0.0.0' } }, '0.0.0'],
  ['no OpenSSL', { versions: {} }, 'none'],
  ['another generation of OpenSSL', { versions: { openssl: '1.1.1w' } }, '1.1.1w'],
  ['musl', { report: { getReport: () => ({ header: {} }) } }, 'glibc'],
])('%s is not, and the reason says so', (_, facts, word) => {
  expect(whyNoNativePath({ ...GOOD, ...facts })).toContain(word)
})

it('asks for a report without the network, whose names would be looked up, and leaves the setting as it was', () => {
  const seen: unknown[] = []
  const report = {
    excludeNetwork: false,
    getReport() {
      seen.push(report.excludeNetwork)
      return { header: { glibcVersionRuntime: '2.36' } }
    },
  }
  expect(whyNoNativePath({ ...GOOD, report })).toBeUndefined()
  expect([...seen, report.excludeNetwork]).toEqual([true, false])
})
