import { expect, it } from 'vitest'
import { isLocalRequest } from '../../../../src/cli/dashboard/local-request.js'

function isLocal(address: string | undefined, headers: Record<string, string> = { host: 'localhost:8080' }): boolean {
  return isLocalRequest({ address, header: (name) => headers[name] })
}

it.each([
  ['127.0.0.1', { host: '127.0.0.1:8080' }],
  ['127.8.0.1', { host: '127.8.0.1' }],
  ['::1', { host: '[::1]:8080' }],
  ['::1', { host: 'LOCALHOST:8080' }],
  ['127.0.0.1', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
  ['127.0.0.1', { host: 'localhost:8080', origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }],
  // What somebody types into the address bar.
  ['127.0.0.1', { host: 'localhost:8080', 'sec-fetch-site': 'none' }],
])('takes %s with %j', (address, headers) => {
  expect(isLocal(address, headers as Record<string, string>)).toBe(true)
})

it.each([
  ['no address', undefined, {}],
  ['an address of the network', '10.0.0.7', {}],
  ['the address of the public side', '203.0.113.9', {}],
  ['what is no address', 'localhost', {}],
  ['an address that looks alike', '127.0.0.1.example.org', {}],
  ['a proxy that says for whom', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }],
  ['a proxy that says for whom, and it is this machine', '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }],
  ['a proxy by the standard', '127.0.0.1', { forwarded: 'for=203.0.113.9' }],
  ['a proxy that names itself', '127.0.0.1', { via: '1.1 caddy' }],
  ['a proxy that says how it was reached', '127.0.0.1', { 'x-forwarded-proto': 'https' }],
  ['a tunnel', '127.0.0.1', { 'cf-connecting-ip': '203.0.113.9' }],
  ['a host name that was pointed here', '127.0.0.1', { host: 'evil.example:8080' }],
  ['a host name that begins like ours', '127.0.0.1', { host: 'localhost.evil.example:8080' }],
  ['an address as host that begins like ours', '127.0.0.1', { host: '127.0.0.1.evil.example' }],
  ['the public address as host', '127.0.0.1', { host: '203.0.113.7:8080' }],
  ['no host', '127.0.0.1', { host: undefined }],
  ['a page of another site', '127.0.0.1', { origin: 'https://evil.example' }],
  ['a page of another port of this machine', '127.0.0.1', { origin: 'http://localhost:3000' }],
  ['a page of another name of this machine', '127.0.0.1', { origin: 'http://127.0.0.1:8080' }],
  ['a page without origin', '127.0.0.1', { origin: 'null' }],
  ['what a page of another site loads', '127.0.0.1', { 'sec-fetch-site': 'cross-site' }],
  ['what a page of another port loads', '127.0.0.1', { 'sec-fetch-site': 'same-site' }],
])('does not take %s', (_what, address, headers) => {
  expect(isLocal(address, { host: 'localhost:8080', ...headers } as Record<string, string>)).toBe(false)
})
