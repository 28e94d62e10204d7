import { describe, expect, test } from 'vitest'
import { generateDtlsIdentity } from '../../../src/transport/dtls.js'
import { SRTP_PROFILES, type SrtpKeyingMaterial, type SrtpProfile } from '../../../src/transport/types.js'
import { alice, bob, generateRsaIdentity, implementations, settle } from './dtls-peers.js'

describe.each(implementations)(
  'by $by',
  ({ againstWeriftClient, againstWeriftServer, createConnectedPair, createSide, flights }) => {
    const KEY_LENGTHS: Record<SrtpProfile, [number, number]> = {
      AEAD_AES_128_GCM: [16, 12],
      AES_CM_128_HMAC_SHA1_80: [16, 14],
    }

    function mirrored(keys: SrtpKeyingMaterial): SrtpKeyingMaterial {
      return {
        profile: keys.profile,
        localKey: keys.remoteKey,
        localSalt: keys.remoteSalt,
        remoteKey: keys.localKey,
        remoteSalt: keys.localSalt,
      }
    }

    describe('the identity', () => {
      test('is a fresh one each time, with its sha-256 fingerprint', async () => {
        const other = await generateDtlsIdentity()
        expect(other.fingerprint.algorithm).toBe('sha-256')
        expect(other.fingerprint.value).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
        expect(other.fingerprint.value).not.toBe(alice.fingerprint.value)
      })

      test.each([
        { what: 'texts that are no PEM', identity: { ...alice, certificatePem: 'none' } },
        { what: 'a key of another certificate', identity: { ...alice, privateKeyPem: bob.privateKeyPem } },
      ])('is refused with $what', ({ identity }) => {
        expect(() => createSide('server', { identity })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
      })
    })

    describe.each(SRTP_PROFILES)('with %s', (profile) => {
      const [keyBytes, saltBytes] = KEY_LENGTHS[profile]

      test('our two roles agree on keys', async () => {
        const { server, client } = await createConnectedPair({ server: { srtpProfiles: [profile] } })
        expect(server.keys[0]?.profile).toBe(profile)
        expect(server.keys[0]).toEqual(mirrored(client.keys[0] as SrtpKeyingMaterial))
        expect(server.keys[0]?.localKey).toHaveLength(keyBytes)
        expect(server.keys[0]?.localSalt).toHaveLength(saltBytes)
        expect(server.transport.stats().parameters).toEqual(client.transport.stats().parameters)
      })

      test.each([
        { role: 'server', create: againstWeriftClient },
        { role: 'client', create: againstWeriftServer },
      ])('our $role agrees on keys with werift', async ({ create }) => {
        const peer = create({ profiles: [profile] })
        peer.begin()
        await settle()
        expect(peer.connected).toBe(true)
        const theirs = { profile, ...peer.socket.extractSessionKeys(keyBytes, saltBytes) }
        expect(peer.side.keys).toEqual([mirrored(theirs)])
        peer.stop()
      })
    })

    describe('the parameters', () => {
      test('GCM wins on our server whatever the order of the client', async () => {
        const peer = againstWeriftClient({ profiles: ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] })
        peer.begin()
        await settle()
        expect(peer.side.keys[0]?.profile).toBe('AEAD_AES_128_GCM')
        expect(peer.side.transport.stats().parameters).toEqual({
          cipherSuite: 0xc02b,
          curve: 29,
          srtpProfile: 'AEAD_AES_128_GCM',
          extendedMasterSecret: true,
          peerSignatureScheme: 0x0403,
        })
        peer.stop()
      })

      test.each([
        { role: 'server', create: againstWeriftClient },
        { role: 'client', create: againstWeriftServer },
      ])('our $role does without the extended master secret if the peer has none', async ({ create }) => {
        const peer = create({ extendedMasterSecret: false })
        peer.begin()
        await settle()
        expect(peer.side.transport.stats().parameters?.extendedMasterSecret).toBe(false)
        expect(peer.side.keys).toEqual([
          mirrored({ profile: 'AEAD_AES_128_GCM', ...peer.socket.extractSessionKeys(16, 12) }),
        ])
        peer.stop()
      })

      test('a client that only knows P-256 connects', async () => {
        const peer = againstWeriftClient()
        const curves = peer.socket.extensions.find(({ type }) => type === 10)
        if (curves) curves.data = Buffer.from([0, 2, 0, 23])
        peer.begin()
        await settle()
        expect(peer.side.transport.stats().parameters?.curve).toBe(23)
        expect(peer.connected).toBe(true)
        peer.stop()
      })

      test.each([
        { role: 'server', create: againstWeriftClient },
        { role: 'client', create: againstWeriftServer },
      ])('our $role connects with a peer that has an RSA certificate', async ({ role, create }) => {
        const rsa = await generateRsaIdentity()
        // A client's certificate is free of the suite, which follows our own certificate.
        const peer = create({ identity: rsa, rsa: true, side: { remoteFingerprints: [rsa.fingerprint] } })
        peer.begin()
        await settle()
        expect(peer.side.ends).toEqual([])
        expect(peer.connected).toBe(true)
        expect(peer.side.transport.stats().parameters).toMatchObject({
          cipherSuite: role === 'server' ? 0xc02b : 0xc02f,
          peerSignatureScheme: 0x0401,
        })
        peer.stop()
      })

      test('our own certificate may be an RSA one', async () => {
        const rsa = await generateRsaIdentity()
        const { server, client } = await createConnectedPair({
          server: { identity: rsa },
          client: { remoteFingerprints: [rsa.fingerprint] },
        })
        expect(server.keys[0]).toEqual(mirrored(client.keys[0] as SrtpKeyingMaterial))
        expect(client.transport.stats().parameters?.cipherSuite).toBe(0xc02f)
      })
    })

    test('one flight is one datagram: a handshake takes as few as it can', async () => {
      const { server, client } = await createConnectedPair()
      expect(client.sent).toHaveLength(flights)
      expect(server.sent).toHaveLength(flights)
      for (const datagram of [...client.sent, ...server.sent]) expect(datagram.length).toBeLessThanOrEqual(1200)
    })
  },
)
