import { expect, it } from 'vitest'
import type { SessionInfo } from '../../../../src/cli/dashboard/dashboard-target.js'
import { sessionRow } from '../../../../src/cli/dashboard/session-row.js'

const INFO: SessionInfo = {
  id: 'abc',
  role: 'viewer',
  broadcast: 'main',
  state: 'connected',
  createdAt: 1000,
  connectedAt: 1500,
  address: '203.0.113.9',
  roles: ['vip'],
  metadata: {},
}

it('is the session alone where there are no figures', () => {
  const { roles: _roles, metadata: _metadata, ...row } = INFO
  expect(sessionRow(INFO, undefined)).toEqual(row)
})

it('names the other node of a relay in place of metadata', () => {
  const relay = { ...INFO, relay: { path: ['n1', 'n2'] }, metadata: { relay: 'n2' } }
  expect(sessionRow(relay, undefined)).toMatchObject({ relay: 'n2' })
  expect(sessionRow(relay, undefined).metadata).toBeUndefined()
  expect(sessionRow({ ...INFO, relay: { path: [] } }, undefined).relay).toBe('')
})

it('says what a viewer gets', () => {
  const track = {
    kind: 'video',
    live: true,
    rid: 'h',
    codec: 'VP8',
    layers: [
      { rid: 'h', live: true, width: 640, height: 360 },
      { rid: 'f', live: true, width: 1280, height: 720 },
    ],
  }
  const stats = {
    transport: { protocol: 'tcp', rttMs: undefined },
    egress: { bitrateBps: 1234.5, fractionLost: 0.02, rttMs: 12.34, tracks: [{ kind: 'audio' }, track] },
  }
  expect(sessionRow(INFO, stats as never)).toMatchObject({
    protocol: 'tcp',
    bitrateBps: 1235,
    loss: 0.02,
    rttMs: 12.3,
    codec: 'VP8',
    layer: 'h · 640×360',
  })
  const paused = { ...stats, egress: { ...stats.egress, tracks: [{ ...track, live: false }] } }
  expect(sessionRow(INFO, paused as never)).toMatchObject({ layer: 'none' })
})

it('says what a publisher sends', () => {
  const layers = ['q', 'h', 'f'].map((rid) => ({ kind: 'video', rid, codec: 'VP8', bitrateBps: rid === 'h' ? 0 : 5 }))
  const ingest = {
    bitrateBps: 10,
    fractionLost: 0,
    layers: [{ kind: 'audio', codec: 'opus', bitrateBps: 5 }, ...layers],
  }
  const info: SessionInfo = { ...INFO, role: 'publisher', as: 'camera' }
  expect(sessionRow(info, { ingest } as never)).toMatchObject({ as: 'camera', codec: 'VP8', layer: '2 layers' })
})

it('cuts off metadata that are long', () => {
  expect(sessionRow({ ...INFO, metadata: { user: 7 } }, undefined).metadata).toBe('{"user":7}')
  expect(sessionRow({ ...INFO, metadata: { x: 'y'.repeat(5000) } }, undefined).metadata).toHaveLength(200)
})
