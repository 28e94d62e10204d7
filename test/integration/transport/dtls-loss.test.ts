/** Handshakes over links that lose, double and reorder: RFC 6347, section 4.2.4. */
import { describe, expect, test } from 'vitest'
import { type DtlsPeers, implementations, type LinkFate, lossyLink, perfectLink, settle, until } from './dtls-peers.js'

describe.each(implementations)('by $by', ({ againstWeriftClient, againstWeriftServer, createPair }) => {
  const bothConnected = ({ server, client }: Pick<ReturnType<DtlsPeers['createPair']>, 'server' | 'client'>) =>
    server.keys.length === 1 && client.keys.length === 1

  async function connect(pair: ReturnType<DtlsPeers['createPair']>): Promise<void> {
    pair.server.transport.start()
    pair.client.transport.start()
    await settle()
    while (!bothConnected(pair) && (await pair.timers.step())) {
      // Each step is one repetition.
    }
  }

  describe('our roles', () => {
    test.each(Array.from({ length: 40 }, (_, seed) => seed))(
      'connect over a link that loses a fifth, seed %i',
      async (seed) => {
        const pair = createPair(lossyLink(seed, 0.2, 0, 0))
        await connect(pair)
        expect(pair.server.ends).toEqual([])
        expect(pair.client.ends).toEqual([])
        expect(bothConnected(pair)).toBe(true)
        expect(pair.server.keys[0]?.localKey).toEqual(pair.client.keys[0]?.remoteKey)
        expect(pair.timers.nowMs).toBeLessThan(12_000)
      },
    )

    test.each(Array.from({ length: 20 }, (_, seed) => 1000 + seed))(
      'connect over a link that loses, doubles and reorders, seed %i',
      async (seed) => {
        const pair = createPair(lossyLink(seed, 0.1, 0.3, 0.5))
        await connect(pair)
        expect(bothConnected(pair)).toBe(true)
        expect([...pair.server.ends, ...pair.client.ends]).toEqual([])
      },
    )

    test('a link that cuts every datagram into single records and reverses them is no hindrance', async () => {
      const single: LinkFate = (datagram) => {
        const records: Buffer[] = []
        for (let at = 0; at < datagram.length; ) {
          const end = at + 13 + datagram.readUInt16BE(at + 11)
          records.unshift(datagram.subarray(at, end))
          at = end
        }
        return records.map((record, delayTurns) => ({ datagram: record, delayTurns }))
      }
      const pair = createPair(single)
      await connect(pair)
      expect(bothConnected(pair)).toBe(true)
      expect(pair.timers.nowMs).toBe(0)
    })

    test('a client that lost our last flight still finishes', async () => {
      let lost = 0
      const fate: LinkFate = (datagram) => {
        // A datagram that begins with ChangeCipherSpec is the server's last flight.
        if (datagram[0] === 20 && lost < 2) {
          lost++
          return []
        }
        return perfectLink(datagram)
      }
      const pair = createPair(fate)
      pair.server.transport.start()
      pair.client.transport.start()
      await settle()
      expect(pair.server.keys).toHaveLength(1)
      expect(pair.client.keys).toHaveLength(0)
      while (pair.client.keys.length === 0 && (await pair.timers.step())) {
        // Each step is one repetition of the client's flight.
      }
      expect(lost).toBe(2)
      expect(pair.client.keys).toHaveLength(1)
      expect(pair.server.keys).toHaveLength(1)
      expect(pair.server.transport.stats().retransmissions).toBeGreaterThan(0)
    })

    test('a Finished does not count before its ChangeCipherSpec', async () => {
      let taken = 0
      // The client's last flight comes without its ChangeCipherSpec at first.
      const fate: LinkFate = (datagram) => {
        for (let at = 0; at < datagram.length; ) {
          const end = at + 13 + datagram.readUInt16BE(at + 11)
          if (datagram[at] === 20 && taken < 1) {
            taken++
            return perfectLink(Buffer.concat([datagram.subarray(0, at), datagram.subarray(end)]))
          }
          at = end
        }
        return perfectLink(datagram)
      }
      const pair = createPair(fate)
      pair.server.transport.start()
      pair.client.transport.start()
      await settle()
      expect(taken).toBe(1)
      expect(pair.server.keys).toEqual([])
      await pair.timers.step()
      expect(bothConnected(pair)).toBe(true)
    })

    test('nobody there: a flight is repeated a bounded number of times, and never after close', async () => {
      const { client, timers } = createPair(() => [])
      client.transport.start()
      await settle()
      while (await timers.step()) {
        // Until it gives up.
      }
      expect(client.sent).toHaveLength(9)
      expect(timers.nowMs).toBeLessThan(15_000)
      // Each repetition carries a number of its own, or a replay check would drop it.
      expect(new Set(client.sent.map((datagram) => datagram.readUIntBE(5, 6))).size).toBe(9)

      const second = createPair(() => [])
      second.client.transport.start()
      await settle()
      second.client.transport.close()
      expect(second.timers.pending).toBe(0)
      expect(second.client.ends).toEqual([])
    })

    test('the repetitions that a peer can provoke are bounded', async () => {
      const { server, client } = createPair()
      server.transport.start()
      client.transport.start()
      await settle()
      const before = server.sent.length
      const lastFlight = client.sent.at(-1) as Buffer
      for (let i = 0; i < 100; i++) server.transport.receive(Buffer.from(lastFlight))
      expect(server.sent.length - before).toBe(16)
      expect(server.ends).toEqual([])
    })
  })

  describe('werift as the peer', () => {
    test.each([
      { role: 'server', create: againstWeriftClient, duplication: 0.1, reordering: 0.2 },
      // werift's server makes new keys when its first ClientHello comes twice, whatever it has sent by then: loss only.
      { role: 'client', create: againstWeriftServer, duplication: 0, reordering: 0 },
    ])('our $role connects over a link that loses a fifth', async ({ create, duplication, reordering }) => {
      const peers = [1, 2, 3, 4, 5, 6].map((seed) => create({ link: lossyLink(seed, 0.2, duplication, reordering) }))
      for (const peer of peers) peer.begin()
      await until(() => peers.every((peer) => peer.connected && peer.side.keys.length === 1), 40_000)
      for (const peer of peers) {
        expect(peer.side.ends).toEqual([])
        expect(peer.side.keys).toHaveLength(1)
        expect(peer.connected).toBe(true)
        peer.stop()
      }
    })
  })
})
