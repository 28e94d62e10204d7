import { expect, it } from 'vitest'
import { startupLines } from '../../../src/cli/startup-lines.js'

const rest = { close: () => Promise.resolve(), protectsPublishing: false, hasDashboard: false }

it('says what to open and where the media goes', () => {
  const lines = startupLines({ host: '127.0.0.1', port: 8080, mediaPorts: [5000, 5001], mediaTcp: false, ...rest })
  expect(lines).toContain('http://127.0.0.1:8080/\n')
  expect(lines).toContain('http://127.0.0.1:8080/publish/main')
  expect(lines).toContain('  UDP ports 5000, 5001\n')
})

it('says where the key or token goes', () => {
  const server = { host: '127.0.0.1', port: 8080, mediaPorts: [1], mediaTcp: true, ...rest }
  expect(startupLines(server)).not.toContain('token')
  expect(startupLines({ ...server, protectsPublishing: true })).toContain('/publish/main#token=<key or token>\n')
})

it('says where the dashboard is, if there is one', () => {
  const server = { host: '127.0.0.1', port: 8080, mediaPorts: [1], mediaTcp: true, ...rest }
  expect(startupLines(server)).not.toContain('dashboard')
  expect(startupLines({ ...server, hasDashboard: true })).toContain('http://127.0.0.1:8080/dashboard\n')
})

it('puts IPv6 addresses into brackets', () => {
  expect(startupLines({ host: '::1', port: 8080, mediaPorts: [1], mediaTcp: true, ...rest })).toContain(
    'http://[::1]:8080/\n',
  )
})

it('lists the addresses of the machine when it listens on all of them', () => {
  const ips = ['192.0.2.1', '2001:db8::1']
  const both = startupLines({ host: '::', port: 80, mediaPorts: [1], mediaTcp: true, ...rest }, ips)
  expect(both).toContain('http://127.0.0.1/\n')
  expect(both).toContain('http://192.0.2.1/\n')
  expect(both).toContain('http://[2001:db8::1]/\n')
  expect(startupLines({ host: '0.0.0.0', port: 80, mediaPorts: [1], mediaTcp: true, ...rest }, ips)).not.toContain(
    '2001',
  )
})
