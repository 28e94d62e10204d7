/** What only concerns DTLS by OpenSSL: its memory, its queue of errors, its clock, and when it is not taken. */
import { describe, expect, test } from 'vitest'
import { HANDSHAKE_TYPE } from '../../../src/transport/dtls/handshake-message.js'
import { readRecords } from '../../../src/transport/dtls/record.js'
import { openNativeDtls } from '../../../src/transport/native/dtls/native-dtls.js'
import { OpenSsl } from '../../../src/transport/native/dtls/openssl.js'
import { OpenSslConnection } from '../../../src/transport/native/dtls/openssl-connection.js'
import { OpenSslContext } from '../../../src/transport/native/dtls/openssl-context.js'
import { createSelfTestIdentity } from '../../../src/transport/native/dtls/self-test-identity.js'
import {
  loadKoffiLibrary,
  type NativeFunction,
  type NativeLibrary,
} from '../../../src/transport/native/koffi-library.js'
import { openNativePath } from '../../../src/transport/native/native-path.js'
import { SRTP_PROFILES } from '../../../src/transport/types.js'
import { alice, bob, implementations, impostor, perfectLink, settle } from './dtls-peers.js'

const native = implementations.find(({ by }) => by === 'OpenSSL')

/** The process's functions, some of them replaced. */
function libraryWith(replace: (name: string, bound: NativeFunction | undefined) => NativeFunction | undefined) {
  const library = loadKoffiLibrary()
  return {
    ...library,
    bind: (name, result, parameters) => replace(name, library.bind(name, result, parameters)),
  } satisfies NativeLibrary
}

describe.runIf(native !== undefined)('DTLS by OpenSSL', () => {
  const { againstWeriftClient, againstWeriftServer, createPair, createConnectedPair } =
    native ?? implementations[0] ?? expect.fail('none')

  test('is what the native path has', () => {
    expect(openNativePath().status).toMatchObject({ dtls: true })
  })

  test('is left alone if a function is missing, or one does not give the known answer', () => {
    const missing = libraryWith((name, bound) => (name === 'SSL_export_keying_material' ? undefined : bound))
    expect(openNativeDtls(missing)).toEqual({ reason: 'the process has no SSL_export_keying_material' })
    // It says that it is done, and writes nothing.
    const lazy = libraryWith((name, bound) => (name === 'SSL_export_keying_material' ? () => 1 : bound))
    expect(openNativeDtls(lazy)).toEqual({ reason: 'the exported keys are wrong' })
    const refused = libraryWith((name, bound) => (name === 'SSL_CTX_set_cipher_list' ? () => 0 : bound))
    expect(openNativeDtls(refused)).toEqual({ reason: expect.stringContaining('cipher suites') })
    const deaf = libraryWith((name, bound) => (name === 'SSL_do_handshake' ? () => -1 : bound))
    expect(openNativeDtls(deaf)).toEqual({ reason: expect.stringMatching(/handshake/) })
  })

  test('gives all of its memory back, however a handshake ends', async () => {
    const round = async () => {
      const connected = await createConnectedPair()
      // Refused in the middle, by either side, and left lying in the middle.
      const refused = createPair(perfectLink, { client: { remoteFingerprints: [] } })
      const unheard = createPair(() => [])
      for (const pair of [refused, unheard]) {
        pair.server.transport.start()
        pair.client.transport.start()
      }
      await settle()
      expect(refused.server.ends).toHaveLength(1)
      for (const { server, client } of [connected, refused, unheard]) {
        server.transport.close()
        client.transport.close()
      }
    }
    const rssAfter = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) await round()
      global.gc?.()
      return process.memoryUsage().rss
    }
    await rssAfter(300)
    const before = await rssAfter(200)
    const after = await rssAfter(1500)
    // 9,000 associations; one that stays has more than 20 kB.
    expect((after - before) / 2 ** 20).toBeLessThan(20)
  })

  test('leaves no error in the queue of the thread, which node:crypto reads, too', async () => {
    const openssl = new OpenSsl(loadKoffiLibrary())
    const peer = againstWeriftClient({ identity: impostor })
    peer.begin()
    await settle()
    expect(peer.side.ends[0]?.detail).toMatch(/does not have the key of its certificate \(.*signature/)
    peer.stop()
    expect(openssl.fn.ERR_get_error()).toBe(0)
  })

  test('keeps to our timers: its own, after a second, repeat nothing', async () => {
    const held: Buffer[] = []
    const pair = createPair((datagram) => {
      held.push(datagram)
      return []
    })
    pair.server.transport.start()
    pair.client.transport.start()
    await settle()
    for (let i = 0; i < 4; i++) {
      expect(held).toHaveLength(1)
      const datagram = held.shift() as Buffer
      const to = pair.client.sent.includes(datagram) ? pair.server : pair.client
      // The last record of the flight comes late, by the real time that OpenSSL reads.
      const last = datagram.length - 13 - (readRecords([datagram]).at(-1)?.fragment.length ?? 0)
      if (last > 0) to.transport.receive(datagram.subarray(0, last))
      await settle()
      await new Promise((resolve) => setTimeout(resolve, 1100))
      to.transport.receive(datagram.subarray(last))
      await settle()
    }
    expect(held).toEqual([])
    expect([...pair.server.ends, ...pair.client.ends]).toEqual([])
    expect(pair.server.keys).toHaveLength(1)
    expect(pair.client.keys).toHaveLength(1)
    const typesOf = (datagrams: readonly Buffer[]) => readRecords(datagrams).map(({ contentType }) => contentType)
    const quick = await createConnectedPair()
    expect(typesOf(pair.server.sent)).toEqual(typesOf(quick.server.sent))
    expect(typesOf(pair.client.sent)).toEqual(typesOf(quick.client.sent))
    expect(pair.server.transport.stats().retransmissions + pair.client.transport.stats().retransmissions).toBe(0)
  })

  test('a ClientHello that OpenSSL says again beside the one with the cookie does not leave', async () => {
    let request: Buffer | undefined
    let late = false
    const peer = againstWeriftServer({
      link: (datagram) => {
        if (late || datagram[13] !== HANDSHAKE_TYPE.helloVerifyRequest) return perfectLink(datagram)
        request = datagram
        return []
      },
    })
    peer.begin()
    await settle()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const before = peer.side.sent.length
    late = true
    peer.side.transport.receive(request ?? expect.fail('no cookie was asked for'))
    await settle()
    expect(readRecords([peer.side.sent[before] as Buffer])).toHaveLength(1)
    expect(peer.side.keys).toHaveLength(1)
    peer.stop()
  })

  test('a server that nobody has spoken to, and a client that has not begun, cost OpenSSL nothing', () => {
    let made = 0
    const counting = libraryWith((name, bound) =>
      name === 'SSL_new' && bound
        ? (...args) => {
            made++
            return bound(...args)
          }
        : bound,
    )
    const dtls = openNativeDtls(counting)
    if ('reason' in dtls) throw new Error(dtls.reason)
    const ofSelfTest = made
    for (const role of ['server', 'client'] as const) {
      const options = { role, identity: alice, remoteFingerprints: [bob.fingerprint], srtpProfiles: SRTP_PROFILES }
      const side = dtls.createDtls(
        { ...options, send: () => {}, onConnected: () => {}, onEnd: () => {} },
        { setTimer: () => () => {} },
      )
      if (role === 'server') side.start()
      side.receive(Buffer.alloc(100, 22))
      side.close()
    }
    expect(made).toBe(ofSelfTest)
  })

  test('a connection that is freed answers without being touched', () => {
    const openssl = new OpenSsl(loadKoffiLibrary())
    const context = new OpenSslContext(openssl, createSelfTestIdentity())
    const connection = new OpenSslConnection(openssl, context, 'client', SRTP_PROFILES)
    expect(connection.goOn().records.length).toBeGreaterThan(100)
    connection.free()
    connection.free()
    expect(connection.goOn().state).toBe('failed')
    expect(connection.feed(22, Buffer.alloc(50)).state).toBe('failed')
    expect(connection.masterSecret()).toEqual(Buffer.alloc(0))
    expect(() => connection.exportSrtpKeys(56)).toThrow('it is over')
  })

  test('what is larger than a record goes nowhere', () => {
    const openssl = new OpenSsl(loadKoffiLibrary())
    const context = new OpenSslContext(openssl, createSelfTestIdentity())
    const connection = new OpenSslConnection(openssl, context, 'server', SRTP_PROFILES)
    const largest = connection.feed(22, Buffer.alloc(16_384 + 12))
    expect(largest.state === 'failed' || largest.records.length === 0).toBe(true)
    expect(() => connection.feed(22, Buffer.alloc(21_000))).toThrow('outside of the native memory')
    connection.free()
  })
})
