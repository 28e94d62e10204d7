/** How an association ends, and what cannot end it. */
import { createHook } from 'node:async_hooks'
import { describe, expect, test, vi } from 'vitest'
import { writeAlert } from '../../../src/transport/dtls/alert.js'
import { writeRecord } from '../../../src/transport/dtls/record.js'
import { implementations, settle } from './dtls-peers.js'

describe.each(implementations)('by $by', ({ againstWeriftClient, createConnectedPair, createPair }) => {
  const spoofedAlerts = [
    { what: 'a plain fatal alert', datagram: writeRecord(21, 0, 9, Buffer.from([2, 40])) },
    { what: 'a plain close_notify', datagram: writeRecord(21, 0, 9, Buffer.from([1, 0])) },
    { what: 'an alert that claims to be protected', datagram: writeRecord(21, 1, 9, Buffer.alloc(26, 3)) },
    { what: 'an alert too short to be protected', datagram: writeRecord(21, 1, 9, Buffer.from([2, 40])) },
    { what: 'an alert of a later epoch', datagram: writeRecord(21, 2, 9, Buffer.from([2, 40])) },
  ]

  describe('close_notify', () => {
    test.each(['server', 'client'] as const)('of our %s reaches the other side, which answers it', async (closer) => {
      const pair = await createConnectedPair()
      const other = closer === 'server' ? pair.client : pair.server
      const before = other.sent.length
      pair[closer].transport.close()
      await settle()
      expect(other.ends).toEqual([{ end: 'close-notify', detail: 'close_notify received' }])
      expect(pair[closer].ends).toEqual([])
      expect(other.sent.length).toBe(before + 1)
      expect(other.transport.stats().state).toBe('closed')
    })

    test('is protected, and does not reuse a record number of the handshake', async () => {
      const pair = await createConnectedPair()
      pair.server.transport.close()
      const notify = pair.server.sent.at(-1) as Buffer
      expect(notify[0]).toBe(21)
      expect(notify.readUInt16BE(3)).toBe(1)
      expect(notify.readUInt16BE(11)).toBe(8 + 2 + 16)
      expect(notify.readUIntBE(5, 6)).toBeGreaterThan(1000)
    })

    test('is understood by werift', async () => {
      const peer = againstWeriftClient()
      const closed = vi.fn()
      peer.socket.onClose.subscribe(closed)
      peer.begin()
      await settle()
      peer.side.transport.close()
      await settle()
      expect(closed).toHaveBeenCalledOnce()
      peer.stop()
    })

    test('of werift ends our side', async () => {
      const peer = againstWeriftClient()
      peer.begin()
      await settle()
      const { socket } = peer
      const packet = {
        recordLayerHeader: {
          contentType: 21,
          protocolVersion: { major: 0xfe, minor: 0xfd },
          epoch: 1,
          sequenceNumber: 77,
          contentLen: 2,
        },
        fragment: writeAlert(0),
      }
      const sealed = socket.cipher.encryptPacket(packet as Parameters<typeof socket.cipher.encryptPacket>[0])
      peer.side.transport.receive(writeRecord(21, 1, 77, sealed.fragment))
      expect(peer.side.ends).toEqual([{ end: 'close-notify', detail: 'close_notify received' }])
      peer.stop()
    })

    test('is not sent while the handshake is on, and closing twice is closing once', async () => {
      const { server, client } = createPair()
      client.transport.start()
      server.transport.start()
      client.transport.close()
      client.transport.close()
      server.transport.close()
      await settle()
      expect(client.sent).toEqual([])
      expect(server.sent).toEqual([])
      expect([...client.ends, ...server.ends]).toEqual([])
    })
  })

  describe('once connected', () => {
    test.each(['server', 'client'] as const)('spoofed alerts do not end our %s', async (role) => {
      const pair = await createConnectedPair()
      const side = pair[role]
      for (const { datagram } of spoofedAlerts) side.transport.receive(Buffer.from(datagram))
      expect(side.ends).toEqual([])
      expect(side.transport.stats()).toMatchObject({
        state: 'connected',
        dropped: { plaintext: 3, unauthentic: 2 },
      })
    })

    test('an authentic fatal alert ends it like a close_notify', async () => {
      const peer = againstWeriftClient()
      peer.begin()
      await settle()
      const packet = {
        recordLayerHeader: {
          contentType: 21,
          protocolVersion: { major: 0xfe, minor: 0xfd },
          epoch: 1,
          sequenceNumber: 78,
          contentLen: 2,
        },
        fragment: writeAlert(80),
      }
      const { cipher } = peer.socket
      const sealed = cipher.encryptPacket(packet as Parameters<typeof cipher.encryptPacket>[0])
      peer.side.transport.receive(writeRecord(21, 1, 78, sealed.fragment))
      expect(peer.side.ends).toEqual([{ end: 'close-notify', detail: 'fatal alert 80 received' }])
      peer.stop()
    })

    test('a new ClientHello, in the clear or protected, does not renegotiate', async () => {
      const peer = againstWeriftClient()
      peer.begin()
      await settle()
      const before = peer.side.sent.length
      const hello = peer.sent[0] as Buffer
      for (const datagram of peer.sent.slice(0, 2)) peer.side.transport.receive(Buffer.from(datagram))
      const { cipher } = peer.socket
      const packet = {
        recordLayerHeader: {
          contentType: 22,
          protocolVersion: { major: 0xfe, minor: 0xfd },
          epoch: 1,
          sequenceNumber: 79,
          contentLen: hello.length - 13,
        },
        fragment: hello.subarray(13),
      }
      const sealed = cipher.encryptPacket(packet as Parameters<typeof cipher.encryptPacket>[0])
      peer.side.transport.receive(writeRecord(22, 1, 79, sealed.fragment))
      await settle()
      expect(peer.side.sent.length).toBe(before)
      expect(peer.side.ends).toEqual([])
      expect(peer.side.keys).toHaveLength(1)
      expect(peer.side.transport.stats()).toMatchObject({
        state: 'connected',
        dropped: { plaintext: 2, renegotiation: 1 },
      })
      peer.stop()
    })

    test('application data is dropped', async () => {
      const peer = againstWeriftClient()
      peer.begin()
      await settle()
      await peer.socket.send(Buffer.from('hello'))
      await settle()
      expect(peer.side.transport.stats()).toMatchObject({ state: 'connected', dropped: { applicationData: 1 } })
      peer.stop()
    })
  })

  describe('while the handshake is on', () => {
    test('a fatal alert ends it as failed', async () => {
      const { client } = createPair(() => [])
      client.transport.start()
      await settle()
      client.transport.receive(writeRecord(21, 0, 0, Buffer.from([2, 40])))
      expect(client.ends).toEqual([{ end: 'failed', detail: 'fatal alert 40 received' }])
    })

    test('a warning does not', async () => {
      const { client } = createPair(() => [])
      client.transport.start()
      await settle()
      client.transport.receive(writeRecord(21, 0, 0, Buffer.from([1, 90])))
      expect(client.ends).toEqual([])
      client.transport.close()
    })

    test('a refusal tells the peer, which ends as failed too', async () => {
      const { server, client } = createPair(undefined, { server: { remoteFingerprints: [] } })
      server.transport.start()
      client.transport.start()
      await settle()
      expect(server.ends).toEqual([{ end: 'failed', detail: 'no fingerprint of sha-256 or stronger is known' }])
      expect(client.ends).toEqual([{ end: 'failed', detail: 'fatal alert 42 received' }])
      expect(client.keys).toEqual([])
    })
  })

  test('no timer is left behind, whatever way it ended', async () => {
    const connected = await createConnectedPair()
    expect(connected.timers.pending).toBe(0)
    const failed = createPair(undefined, { client: { remoteFingerprints: [] } })
    failed.server.transport.start()
    failed.client.transport.start()
    await settle()
    expect(failed.client.ends).toHaveLength(1)
    expect(failed.timers.pending).toBe(0)
  })

  test("none of werift's own timers is ever set by a handshake of ours", async () => {
    const stacks: string[] = []
    const hook = createHook({
      init(_id, type) {
        if (type === 'Timeout') stacks.push(new Error('here').stack ?? '')
      },
    })
    const ofWerift = () => stacks.filter((stack) => stack.includes('/werift/')).length
    hook.enable()
    try {
      await createConnectedPair()
      expect(ofWerift()).toBe(0)
      // What they look like when werift sends its flights itself.
      const peer = againstWeriftClient()
      peer.begin()
      await settle()
      peer.stop()
      expect(ofWerift()).toBeGreaterThan(0)
    } finally {
      hook.disable()
    }
  })

  test('a callback of the owner that throws ends this association and nothing else', async () => {
    const boom = () => {
      throw new Error('owner')
    }
    const pair = createPair(undefined, { server: { onConnected: boom } })
    pair.server.transport.start()
    pair.client.transport.start()
    await settle()
    expect(pair.server.ends).toEqual([{ end: 'failed', detail: 'internal error' }])
    expect(pair.client.keys).toHaveLength(1)
  })
})
