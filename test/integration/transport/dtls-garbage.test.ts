/** Random and mutated datagrams at each stage of a handshake: nothing throws, nothing escapes, and no key is handed out that should not be. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { implementations, type LinkFate, perfectLink, seededRandom, settle } from './dtls-peers.js'

describe.each(implementations)('by $by', ({ createConnectedPair, createPair }) => {
  const SEED = 20_240_611
  const escaped: unknown[] = []
  const note = (reason: unknown) => {
    escaped.push(reason)
  }

  beforeAll(() => {
    process.on('unhandledRejection', note)
    process.on('uncaughtException', note)
  })

  afterAll(() => {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  })

  function mutate(source: Buffer, random: () => number): Buffer {
    const bytes = Buffer.from(source)
    const pick = (limit: number) => Math.floor(random() * limit)
    switch (pick(6)) {
      case 0:
        return bytes.subarray(0, pick(bytes.length))
      case 1:
        return Buffer.concat([bytes, bytes.subarray(pick(bytes.length))])
      case 2:
        // The fields of the record and fragment headers are where it hurts most.
        bytes[pick(Math.min(25, bytes.length))] = pick(256)
        return bytes
      case 3: {
        const at = pick(bytes.length)
        bytes.fill(pick(256), at, Math.min(at + pick(16), bytes.length))
        return bytes
      }
      default:
        for (let i = 0; i < 1 + pick(4); i++) bytes[pick(bytes.length)] = pick(256)
        return bytes
    }
  }

  function randomDatagram(random: () => number): Buffer {
    const bytes = Buffer.alloc(Math.floor(random() * 200))
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
    // Half of it looks like a record.
    if (bytes.length > 13 && random() < 0.5) {
      bytes[0] = 20 + Math.floor(random() * 4)
      bytes.writeUInt16BE(0xfefd, 1)
      bytes.writeUInt16BE(Math.floor(random() * 2), 3)
      bytes.writeUInt16BE(bytes.length - 13, 11)
    }
    return bytes
  }

  describe.each(['server', 'client'] as const)('our %s', (role) => {
    test('survives 10000 mutated handshake datagrams, spread over all its stages', async () => {
      const random = seededRandom(SEED)
      let inputs = 0
      for (let round = 0; inputs < 10_000; round++) {
        // After this many datagrams of a good handshake the mutations of the rest, and of what came before, begin.
        const stage = round % 4
        let delivered = 0
        const seen: Buffer[] = []
        const link: LinkFate = (datagram) => {
          seen.push(datagram)
          return delivered++ < stage * 2 ? perfectLink(datagram) : []
        }
        const pair = createPair(link)
        pair.server.transport.start()
        pair.client.transport.start()
        await settle()
        const victim = pair[role]
        for (let i = 0; i < 100 && seen.length > 0; i++, inputs++) {
          const source = seen[Math.floor(random() * seen.length)] as Buffer
          victim.transport.receive(mutate(source, random))
          if (i % 20 === 0) await settle()
        }
        await settle()
        const other = role === 'server' ? pair.client : pair.server
        // Whoever got to keys got to the same ones.
        if (victim.keys[0] && other.keys[0]) expect(victim.keys[0].localKey).toEqual(other.keys[0].remoteKey)
        expect(victim.keys.length, `seed ${SEED} round ${round}`).toBeLessThanOrEqual(1)
        expect(victim.ends.length).toBeLessThanOrEqual(1)
        pair.server.transport.close()
        pair.client.transport.close()
        expect(pair.timers.pending).toBe(0)
      }
      expect(escaped).toEqual([])
    })

    test('is not kept from connecting by random datagrams that come early', async () => {
      const random = seededRandom(SEED + 1)
      const pair = createPair()
      pair.server.transport.start()
      for (let i = 0; i < 10_000; i++) {
        const datagram = randomDatagram(random)
        // A plain alert may end a handshake, and a whole well-formed message out of place too: those are other tests.
        if (datagram[0] === 21 || datagram[0] === 22) datagram[0] = 23
        pair[role].transport.receive(datagram)
      }
      pair.client.transport.start()
      await settle()
      expect(pair.client.keys).toHaveLength(1)
      expect(pair.server.keys).toHaveLength(1)
      expect(escaped).toEqual([])
    })

    test('stays connected through 10000 random and mutated datagrams', async () => {
      const random = seededRandom(SEED + 2)
      const pair = await createConnectedPair()
      const sources = [...pair.client.sent, ...pair.server.sent]
      const side = pair[role]
      for (let i = 0; i < 10_000; i++) {
        const source = sources[Math.floor(random() * sources.length)] as Buffer
        side.transport.receive(random() < 0.5 ? randomDatagram(random) : mutate(source, random))
      }
      await settle()
      expect(side.ends, `seed ${SEED}`).toEqual([])
      expect(side.keys).toHaveLength(1)
      expect(escaped).toEqual([])
    })
  })

  test('a client takes nothing before it has spoken, and then connects', async () => {
    const recorded = await createConnectedPair()
    const pair = createPair()
    for (const datagram of recorded.server.sent) pair.client.transport.receive(Buffer.from(datagram))
    pair.server.transport.start()
    pair.client.transport.start()
    // Its first flight is made asynchronously.
    for (const datagram of recorded.server.sent) pair.client.transport.receive(Buffer.from(datagram))
    await settle()
    expect(pair.client.ends).toEqual([])
    expect(pair.client.keys).toHaveLength(1)
    expect(pair.client.transport.stats().dropped.unexpected).toBe(2 * recorded.server.sent.length)
  })

  test('a server that is shouted at before the hello still connects', async () => {
    const random = seededRandom(SEED + 3)
    const pair = createPair()
    pair.server.transport.start()
    for (let i = 0; i < 2000; i++) {
      const datagram = randomDatagram(random)
      if (datagram[0] !== 21) pair.server.transport.receive(datagram)
    }
    await settle()
    pair.client.transport.start()
    await settle()
    while (pair.client.keys.length === 0 && (await pair.timers.step())) {
      // Each step is one repetition.
    }
    expect(pair.client.keys).toHaveLength(1)
    expect(escaped).toEqual([])
  })
})
