import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { generateDtlsIdentity } from '../../../src/transport/dtls.js'
import { randomIceCredentials } from '../../../src/transport/ice/ice-credentials.js'
import { openTransportPath } from '../../../src/transport/open-transport-path.js'
import { PeerTransport, type PeerTransportOptions } from '../../../src/transport/peer-transport.js'
import { portablePath } from '../../../src/transport/portable-path.js'
import { UdpMux, type UdpMuxConfig } from '../../../src/transport/udp/udp-mux.js'
import { systemClock } from '../../../src/util/clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'
import { check, dtlsRecord, readStun } from '../../unit/transport/transport-fixtures.js'

const HAS_IPV6 = Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === '::1'))

const PATHS = [
  ['portable', portablePath('').udp],
  ['native', openTransportPath('auto').udp],
] as const

describe.each(PATHS)('%s', (_path, udp) => {
  const CONFIG: UdpMuxConfig = {
    listenIps: ['127.0.0.1', ...(HAS_IPV6 ? ['::1'] : [])],
    port: 0,
    announceIps: [],
    receiveBufferBytes: 1 << 20,
    sendBufferBytes: 1 << 20,
    sendQueueBytes: 1 << 22,
    udp,
  }

  let scheduler: Scheduler
  const closers: (() => unknown)[] = []

  beforeEach(() => {
    scheduler = new Scheduler()
  })

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    scheduler.close()
  })

  async function openMux(config: Partial<UdpMuxConfig> = {}): Promise<UdpMux> {
    const mux = await UdpMux.open({ ...CONFIG, ...config }, systemClock, scheduler)
    closers.push(() => mux.close())
    return mux
  }

  async function openClient(family: 4 | 6 = 4): Promise<Socket> {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6' })
    socket.bind(0, family === 4 ? '127.0.0.1' : '::1')
    await once(socket, 'listening')
    closers.push(() => socket.close())
    return socket
  }

  /** Waits until something is so; fails the test by its time limit. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** A transport with real DTLS and SRTP; `events` is what its handler heard. */
  async function openPeer(mux: UdpMux, options: Partial<PeerTransportOptions> & Pick<PeerTransportOptions, 'remote'>) {
    const events: string[] = []
    const transport = new PeerTransport({
      mux,
      identity: await generateDtlsIdentity(),
      dtlsRole: 'server',
      local: randomIceCredentials((ufrag) => mux.hasUfrag(ufrag)),
      connectTimeoutMs: 15_000,
      consentTimeoutMs: 30_000,
      disconnectedAfterMs: 5_000,
      clock: systemClock,
      scheduler,
      handler: {
        onState: (state, reason) => events.push(reason === undefined ? state : `${state} ${reason}`),
        onRtp: (buffer, start, end) => events.push(`rtp ${buffer.toString('latin1', start + 12, end)}`),
        onRtcp: (_buffer, start, end) => events.push(`rtcp ${end - start}`),
      },
      ...options,
    })
    closers.push(() => transport.close())
    return { transport, events }
  }

  describe('opening', () => {
    test('all sockets have the same port, and the candidates name it', async () => {
      const mux = await openMux()
      expect(mux.port).toBeGreaterThan(0)
      expect(mux.families).toEqual(HAS_IPV6 ? [4, 6] : [4])
      expect(mux.candidates.map(({ ip, port }) => `${ip} ${port}`)).toEqual(
        CONFIG.listenIps.map((ip) => `${ip} ${mux.port}`),
      )
    })

    test('wildcards announce the addresses of the machine, loopback last', async () => {
      const mux = await openMux({ listenIps: ['0.0.0.0', '::'], optionalIpv6: true })
      const ips = mux.candidates.map(({ ip }) => ip)
      expect(ips).toContain('127.0.0.1')
      const loopbacks = ips.filter((ip) => ip === '127.0.0.1' || ip === '::1').length
      expect(ips.slice(-loopbacks).every((ip) => ip === '127.0.0.1' || ip === '::1')).toBe(true)
    })

    test('announced addresses replace the local ones', async () => {
      const mux = await openMux({ listenIps: ['0.0.0.0'], announceIps: [{ ip: '203.0.113.9' }] })
      expect(mux.candidates).toMatchObject([{ ip: '203.0.113.9', port: mux.port, type: 'host' }])
    })

    test('a port that is taken is socket-failed', async () => {
      const { port } = await openMux()
      const second = UdpMux.open({ ...CONFIG, port }, systemClock, scheduler)
      await expect(second).rejects.toMatchObject({ name: 'BroadcastError', code: 'socket-failed', details: { port } })
    })

    test.each<Partial<UdpMuxConfig>>([{ listenIps: ['localhost'] }, { announceIps: [{ ip: 'example.org' }] }])(
      '%o is option-invalid',
      async (config) => {
        const error = await UdpMux.open({ ...CONFIG, ...config }, systemClock, scheduler).catch(
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(BroadcastError)
        expect(error).toMatchObject({ code: 'option-invalid' })
      },
    )

    test('an address that the machine does not have is socket-failed', async () => {
      const opening = UdpMux.open({ ...CONFIG, listenIps: ['127.0.0.1', '203.0.113.77'] }, systemClock, scheduler)
      await expect(opening).rejects.toMatchObject({ code: 'socket-failed' })
    })

    test('closing frees the port, twice is once', async () => {
      const mux = await openMux()
      await Promise.all([mux.close(), mux.close()])
      expect(mux.sender.reserve(10)).toBe(-1)
      const again = await openMux({ port: mux.port })
      expect(again.port).toBe(mux.port)
    })
  })

  describe.each(HAS_IPV6 ? ([4, 6] as const) : ([4] as const))('over IPv%i loopback', (family) => {
    const host = family === 4 ? '127.0.0.1' : '::1'

    test('a check is answered with the address that it came from', async () => {
      const mux = await openMux()
      const local = { iceUfrag: 'locaUFR1', icePwd: 'local-password-of-24-chr' }
      const remote = { iceUfrag: 'rUfr', icePwd: 'remote-password-of-24-ch', fingerprints: [] }
      const { transport } = await openPeer(mux, { local, remote })
      transport.start()
      const client = await openClient(family)
      const answered = once(client, 'message')
      client.send(check({ password: 'wrong-wrong-wrong-wrong!' }), mux.port, host)
      client.send(dtlsRecord(), mux.port, host)
      client.send(check(), mux.port, host)
      const [reply] = (await answered) as [Buffer]
      expect(readStun(reply).readXorMappedAddress()).toEqual({ ip: host, port: client.address().port })
      expect(mux.counters).toMatchObject({
        stunBadIntegrity: 1,
        dtlsUnknownAddress: 1,
        datagramsIn: 3,
        datagramsOut: 1,
      })
      expect(transport.stats().selectedAddress).toContain(String(client.address().port))
    })

    test('two transports find each other, agree on keys and exchange media, until one says goodbye', async () => {
      const [muxA, muxB] = [await openMux(), await openMux()]
      const [identityA, identityB] = [await generateDtlsIdentity(), await generateDtlsIdentity()]
      const [localA, localB] = [randomIceCredentials(), randomIceCredentials()]
      const candidates = (mux: UdpMux) => mux.candidates.filter(({ ip }) => ip === host)
      // Both are lite: each one checks the other.
      const a = await openPeer(muxA, {
        identity: identityA,
        local: localA,
        remote: { ...localB, iceLite: true, candidates: candidates(muxB), fingerprints: [identityB.fingerprint] },
      })
      const b = await openPeer(muxB, {
        identity: identityB,
        dtlsRole: 'client',
        local: localB,
        remote: { ...localA, iceLite: true, candidates: candidates(muxA), fingerprints: [identityA.fingerprint] },
      })
      a.transport.start()
      b.transport.start()
      await until(() => a.transport.state === 'connected' && b.transport.state === 'connected')

      const header = Buffer.from('806000010000000000001234', 'hex')
      for (let seq = 1; seq <= 50; seq++) {
        const packet = Buffer.concat([header, Buffer.from(`number ${seq}`)])
        packet.writeUInt16BE(seq, 2)
        const offset = a.transport.output.reserve(packet.length)
        packet.copy(a.transport.output.buffer, offset)
        a.transport.output.sendRtp(offset, 12, packet.length, seq)
      }
      const report = Buffer.from('80c9000100001234', 'hex')
      const offset = b.transport.output.reserve(report.length)
      report.copy(b.transport.output.buffer, offset)
      b.transport.output.sendRtcp(offset, report.length)
      await until(() => b.events.length >= 51 && a.events.length >= 2)
      expect(b.events).toEqual(['connected', ...Array.from({ length: 50 }, (_, i) => `rtp number ${i + 1}`)])
      expect(a.events).toEqual(['connected', 'rtcp 8'])
      expect(a.transport.stats()).toMatchObject({ rtpPacketsOut: 50, srtpProfile: 'AEAD_AES_128_GCM' })
      expect(a.transport.stats().rttMs).toBeLessThan(1000)
      expect(b.transport.stats()).toMatchObject({ rtpPacketsIn: 50 })

      b.transport.close()
      await until(() => a.transport.state === 'closed')
      expect(a.events.at(-1)).toBe('closed peer-closed')
      expect([muxA.peerCount, muxB.peerCount, muxA.addressCount, muxB.addressCount]).toEqual([0, 0, 0, 0])
      expect(muxA.counters.defects + muxB.counters.defects).toBe(0)
    })
  })

  test('sending to a port where nobody listens hurts nobody', async () => {
    const mux = await openMux()
    const client = await openClient()
    const { port } = client.address()
    client.close()
    closers.pop()
    for (let i = 0; i < 200; i++) {
      const offset = mux.sender.reserve(100)
      mux.sender.commit(offset, 100, { ip: '127.0.0.1', port, family: 4, socket: 0 })
    }
    const other = await openClient()
    other.send(Buffer.alloc(50, 0xff), mux.port, '127.0.0.1')
    await until(() => mux.counters.unclassified === 1)
  })

  test('a datagram that the system refuses is counted', async () => {
    const mux = await openMux()
    for (let i = 0; i < 64; i++) {
      // Beyond what a UDP datagram can hold.
      const offset = mux.sender.reserve(65_535)
      mux.sender.commit(offset, 65_535, { ip: '127.0.0.1', port: 9, family: 4, socket: 0 })
    }
    await until(() => mux.counters.sendErrors > 0)
  })
})
