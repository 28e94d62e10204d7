import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TCP_IDLE_MS, TCP_LINGER_MS } from '../../../../src/transport/tcp/tcp-connection.js'
import { check, createPeer, dtlsRecord, FAKE_KEYS, readStun, rtcp, rtp } from '../transport-fixtures.js'
import { createTcpWorld, type FakeTcpSocket } from './tcp-fixtures.js'

/** A peer that is connected over TCP. */
function connectedPeer(config: Parameters<typeof createTcpWorld>[0] = {}, from?: string) {
  const world = createTcpWorld(config)
  const peer = createPeer(world)
  peer.transport.start()
  const socket = world.connect(from)
  socket.arrive(check({ useCandidate: true }))
  peer.dtls().options.onConnected(FAKE_KEYS)
  world.endTurn()
  socket.take()
  peer.heard()
  return { world, peer, socket }
}

/** Sends one packet of media; false if there is no room. */
function send({ transport }: ReturnType<typeof createPeer>, text = 'media'): boolean {
  const packet = Buffer.concat([Buffer.from('806000010000000000001234', 'hex'), Buffer.from(text)])
  const offset = transport.output.reserve(packet.length)
  if (offset < 0) return false
  packet.copy(transport.output.buffer, offset)
  transport.output.sendRtp(offset, 12, packet.length, 1)
  return true
}

describe('a peer over TCP', () => {
  test.each(['192.0.2.1 5000', '2001:db8::1 5000'])('checks, shakes hands, sends and receives, from %s', (from) => {
    const world = createTcpWorld()
    const peer = createPeer(world)
    peer.transport.start()
    const socket = world.connect(from)
    socket.arrive(check({ useCandidate: true }))
    world.endTurn()
    const [ip, port] = from.split(' ')
    const [answer] = socket.take()
    expect(readStun(answer as Buffer).readXorMappedAddress()).toEqual({ ip, port: Number(port) })
    socket.arrive(dtlsRecord())
    expect(peer.dtls().received).toHaveLength(1)
    peer.dtls().options.onConnected(FAKE_KEYS)
    socket.arrive(rtp('from the client'))
    socket.arrive(rtcp())
    expect(peer.heard()).toEqual(['connected', 'rtp from the client', 'rtcp 8'])
    send(peer, 'one')
    send(peer, 'two')
    expect(socket.take()).toEqual([])
    world.endTurn()
    expect(socket.take().map((packet) => packet.toString('latin1', 12))).toEqual(['oneTAG!', 'twoTAG!'])
    expect(peer.transport.stats()).toMatchObject({ protocol: 'tcp', packetsIn: 4, rtpPacketsOut: 2 })
    expect(world.counters).toMatchObject({ tcpAccepted: 1, datagramsIn: 4 })
    expect(world.sender.take()).toEqual([])
  })

  test('goes on over UDP where the client nominates that, and is told apart from it by nothing else', () => {
    const { world, peer, socket } = connectedPeer()
    // The same address and port as the TCP connection's.
    world.arrive(check({ useCandidate: true }), '192.0.2.1 5000')
    send(peer)
    world.endTurn()
    expect(world.sender.take()).toHaveLength(2)
    expect(socket.take()).toEqual([])
    expect(peer.transport.stats()).toMatchObject({ protocol: 'udp', addressChanges: 1 })
    socket.emit('close')
    expect(peer.transport.stats()).toMatchObject({ protocol: 'udp', addressChanges: 1 })
    expect(world.mux.addressCount).toBe(1)
  })

  test('is sent to by another validated address when its connection is lost, and by a new connection when there is none', () => {
    const { world, peer, socket } = connectedPeer()
    world.arrive(check(), '192.0.2.7 7000')
    world.sender.take()
    socket.emit('close')
    send(peer)
    expect(world.sender.take().map(({ to }) => to)).toEqual(['192.0.2.7 7000'])
    expect(peer.transport.stats()).toMatchObject({ selectedAddress: '192.0.2.7:7000', addressChanges: 1 })

    const { world: other, peer: lonely, socket: only } = connectedPeer()
    only.emit('close')
    send(lonely)
    expect(lonely.transport.stats()).toMatchObject({ selectedAddress: undefined, state: 'connected' })
    expect(other.mux.addressCount).toBe(0)
    const again = other.connect('192.0.2.1 5001')
    again.arrive(check({ useCandidate: true }))
    send(lonely)
    other.endTurn()
    expect(again.take()).toHaveLength(2)
    expect(other.connections.size).toBe(1)
  })

  test('gets its goodbye before the connection ends, which has two seconds for it', () => {
    const { world, peer, socket } = connectedPeer()
    peer.transport.close()
    expect(socket.take().map(String)).toEqual(['close_notify'])
    expect([socket.ended, socket.destroyed]).toEqual([true, false])
    // Nothing of what comes now is looked at.
    const { datagramsIn } = world.counters
    socket.arrive(check())
    expect(world.counters.datagramsIn).toBe(datagramsIn)
    world.time.advance(TCP_LINGER_MS)
    expect(socket.destroyed).toBe(true)
    expect(world.connections.size).toBe(0)
  })

  test('that closes its half is done', () => {
    const { world, peer, socket } = connectedPeer()
    socket.emit('end')
    expect(peer.transport.stats().selectedAddress).toBeUndefined()
    world.time.advance(TCP_LINGER_MS)
    expect(socket.destroyed).toBe(true)
    expect(world.counters.tcpTimedOut).toBe(0)
  })
})

describe('what waits for a slow network', () => {
  test('is bounded, what comes on top is counted, and the bound says itself early', () => {
    const { world, peer, socket } = connectedPeer({ maxQueueBytes: 16_000 })
    socket.blocked = true
    const text = 'x'.repeat(984)
    let sent = 0
    while (peer.transport.stats().packetsOut < 100 && send(peer, text)) {
      sent++
      expect(peer.transport.output.backlogged).toBe(sent >= 2)
      world.endTurn()
    }
    expect(sent).toBe(15)
    expect(peer.transport.stats().dropped.sendQueueFull).toBe(1)
    expect(world.counters.tcpQueueFull).toBe(1)
    // A check is not answered either, and the peer stays.
    socket.arrive(check({ username: `${'locaUFR1'}:${'rUfr'}` }))
    socket.arrive(check())
    socket.drain()
    expect(peer.transport.output.backlogged).toBe(false)
    expect(send(peer)).toBe(true)
    expect(peer.transport.state).toBe('connected')
  })

  test('never says so over UDP', () => {
    const world = createTcpWorld()
    const peer = createPeer(world)
    peer.connect()
    for (let i = 0; i < 1000; i++) send(peer)
    expect(peer.transport.output.backlogged).toBe(false)
    expect(world.counters.tcpQueueFull).toBe(0)
  })
})

describe('a connection that has passed no check', () => {
  test('is ended when its time is up, whatever comes over it', () => {
    const world = createTcpWorld({ checkTimeoutMs: 1000 })
    const [silent, dripping] = [world.connect('192.0.2.1 1'), world.connect('192.0.2.1 2')]
    for (let i = 0; i < 9; i++) {
      world.time.advance(100)
      dripping.emit('data', Buffer.from([0]))
    }
    expect([silent.destroyed, dripping.destroyed]).toEqual([false, false])
    world.time.advance(100)
    expect([silent.destroyed, dripping.destroyed]).toEqual([true, true])
    expect(world.counters).toMatchObject({ tcpTimedOut: 2 })
    expect(world.connections.size).toBe(0)
  })

  test('may ask eight times, and is answered as over UDP: never without credentials', () => {
    const world = createTcpWorld()
    createPeer(world).transport.start()
    const socket = world.connect()
    const wrong = [
      check({ password: 'wrong-wrong-wrong-wrong!' }),
      check({ username: 'somebody:else' }),
      check({ integrity: false }),
      dtlsRecord(),
      rtp(),
      rtcp(),
      Buffer.from('HELLO'),
      check({ password: 'wrong-wrong-wrong-wrong!' }),
    ]
    for (const packet of wrong) socket.arrive(packet)
    world.endTurn()
    expect([socket.destroyed, socket.take()]).toEqual([false, []])
    expect(world.counters).toMatchObject({
      stunBadIntegrity: 3,
      stunUnknownUfrag: 1,
      dtlsUnknownAddress: 1,
      srtpUnknownAddress: 2,
      unclassified: 1,
    })
    expect(world.mux.addressCount).toBe(0)
    socket.arrive(check())
    expect(socket.destroyed).toBe(true)
    expect(world.counters.tcpMalformed).toBe(1)
  })

  test('may send ten kilobytes, empty packets included', () => {
    const world = createTcpWorld()
    const socket = world.connect()
    for (let i = 0; i < 10; i++) socket.emit('data', Buffer.alloc(1024))
    expect(socket.destroyed).toBe(false)
    socket.emit('data', Buffer.alloc(1024))
    expect(socket.destroyed).toBe(true)
    expect(world.counters).toMatchObject({ tcpMalformed: 1, datagramsIn: 0 })
  })

  test('is ended by a packet that is longer than any check; a peer may send longer ones', () => {
    const world = createTcpWorld()
    const socket = world.connect()
    socket.arrive(Buffer.alloc(1281))
    expect(socket.destroyed).toBe(true)
    const { world: other, socket: known } = connectedPeer()
    known.arrive(Buffer.alloc(9000))
    expect(known.destroyed).toBe(false)
    known.arrive(Buffer.alloc(9001))
    expect(known.destroyed).toBe(true)
    expect([world.counters.tcpMalformed, other.counters.tcpMalformed]).toEqual([1, 1])
    expect(other.mux.addressCount).toBe(0)
  })

  test('never throws, gets no answer, and leaves nothing behind, whatever random bytes come over it', () => {
    const world = createTcpWorld()
    createPeer(world).transport.start()
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
        const socket = world.connect()
        for (const chunk of chunks) socket.emit('data', Buffer.from(chunk))
        world.endTurn()
        expect(socket.take()).toEqual([])
        socket.emit('error', new Error('reset'))
        socket.emit('close')
      }),
      { numRuns: 1000 },
    )
    expect([world.connections.size, world.connections.pendingCount, world.mux.addressCount]).toEqual([0, 0, 0])
    expect(world.counters.defects).toBe(0)
  })
})

describe('too many connections', () => {
  const alive = (sockets: FakeTcpSocket[]) => sockets.map(({ destroyed }) => !destroyed)

  test('of one address: the oldest that has passed no check makes room, others are not touched', () => {
    const world = createTcpWorld({ maxConnectionsPerAddress: 2 })
    const other = world.connect('198.51.100.1 1')
    const sockets = [1, 2, 3].map((port) => world.connect(`192.0.2.1 ${port}`))
    expect(alive([other, ...sockets])).toEqual([true, false, true, true])
    expect(world.counters).toMatchObject({ tcpAccepted: 4, tcpEvicted: 1, tcpRefused: 0 })
  })

  test('of one address that are in use: the new one is refused', () => {
    const { world, socket } = connectedPeer({ maxConnectionsPerAddress: 1 })
    const second = world.connect('192.0.2.1 5001')
    expect(alive([socket, second])).toEqual([true, false])
    expect(world.counters).toMatchObject({ tcpRefused: 1 })
    // What comes later of it must not be thrown.
    second.emit('error', new Error('reset'))
    socket.emit('close')
    expect(alive([world.connect('192.0.2.1 5002')])).toEqual([true])
  })

  test('of one network of IPv6 count together, those of loopback do not count', () => {
    const world = createTcpWorld({ maxConnectionsPerAddress: 1 })
    const sockets = ['2001:db8::1 1', '2001:db8::2 1', '2001:db8:0:1::1 1', '127.0.0.1 1', '127.0.0.1 2', '::1 1'].map(
      (from) => world.connect(from),
    )
    expect(alive(sockets)).toEqual([false, true, true, true, true, true])
  })

  test('in all: one over which its peer does not send makes room, never one that is in use', () => {
    const { world, socket } = connectedPeer({ maxConnections: 2 })
    const spare = world.connect('192.0.2.2 1')
    spare.arrive(check())
    expect(world.connections.pendingCount).toBe(0)
    const third = world.connect('192.0.2.3 1')
    expect(alive([socket, spare, third])).toEqual([true, false, true])
    third.arrive(check({ useCandidate: true }))
    // Now the first one is the spare one.
    const fourth = world.connect('192.0.2.4 1')
    expect(alive([socket, third, fourth])).toEqual([false, true, true])
    expect(world.connections.size).toBe(2)
  })

  test('without a check: a flood pushes out itself, and who checks at once gets through', () => {
    const world = createTcpWorld({ maxPendingConnections: 10, maxConnections: 20 })
    const peer = createPeer(world)
    peer.transport.start()
    const flood = Array.from({ length: 500 }, (_, i) => world.connect(`10.${i >> 8}.${i & 255}.1 1`))
    const client = world.connect('192.0.2.1 5000')
    client.arrive(check({ useCandidate: true }))
    flood.push(...Array.from({ length: 500 }, (_, i) => world.connect(`10.9.${i >> 8}.${i & 255} 1`)))
    expect(client.destroyed).toBe(false)
    expect(flood.filter(({ destroyed }) => !destroyed)).toHaveLength(10)
    expect([world.connections.size, world.connections.pendingCount]).toEqual([11, 10])
    world.connections.close()
    expect([client.destroyed, world.connections.size]).toEqual([true, 0])
  })
})

test('a connection of a peer over which nothing comes for a minute is ended', () => {
  const { world, socket } = connectedPeer()
  world.time.advance(TCP_IDLE_MS / 2)
  socket.arrive(check())
  world.time.advance(TCP_IDLE_MS - 1)
  // The peer itself was given up long before, and its connections with it.
  expect(socket.ended).toBe(true)
  const { world: other, socket: spare, peer } = connectedPeer()
  const used = other.connect('192.0.2.9 9')
  for (let i = 0; i < 20; i++) {
    used.arrive(check({ useCandidate: true }))
    other.time.advance(TCP_IDLE_MS / 20)
  }
  expect([spare.destroyed, used.destroyed]).toEqual([true, false])
  expect(other.counters.tcpTimedOut).toBe(1)
  expect(peer.transport.state).toBe('connected')
})
