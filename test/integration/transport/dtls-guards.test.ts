/** What must never get to `connected`. Each test fails if its guard is taken out. */
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../../src/transport/dtls/fingerprint.js'
import type { Fingerprint } from '../../../src/transport/types.js'
import { alice, bob, implementations, impostor, settle, type WeriftPeer } from './dtls-peers.js'

describe.each(implementations)('by $by', ({ againstWeriftClient, againstWeriftServer, createConnectedPair }) => {
  async function expectRefused(peer: WeriftPeer & { begin(): void }, detail: RegExp): Promise<void> {
    peer.begin()
    await settle()
    expect(peer.side.keys).toEqual([])
    expect(peer.side.ends).toEqual([{ end: 'failed', detail: expect.stringMatching(detail) }])
    expect(peer.side.transport.stats()).toMatchObject({ state: 'closed', parameters: undefined })
    // The last thing it says is a fatal alert.
    expect(peer.side.sent.at(-1)?.[0]).toBe(21)
    peer.stop()
  }

  const roles = [
    { role: 'server' as const, create: againstWeriftClient },
    { role: 'client' as const, create: againstWeriftServer },
  ]

  describe.each(roles)('as $role', ({ create }) => {
    test('a peer with the certificate of one and the key of another is refused', async () => {
      await expectRefused(create({ identity: impostor }), /does not have the key of its certificate/)
    })

    test('a peer whose Finished does not match the handshake is refused', async () => {
      const peer = create()
      peer.socket.cipher.verifyData = () => Buffer.alloc(12, 7)
      await expectRefused(peer, /Finished does not match/)
    })

    test('a peer that has seen another handshake is refused', async () => {
      const peer = create()
      const { verifyData } = peer.socket.cipher
      // As if somebody in between had changed one bit of what came before.
      peer.socket.cipher.verifyData = (transcript) => {
        const other = Buffer.from(transcript)
        other[40] = (other[40] as number) ^ 1
        return verifyData.call(peer.socket.cipher, other)
      }
      await expectRefused(peer, /Finished does not match/)
    })

    test('a truncated Finished is refused', async () => {
      const peer = create()
      const { verifyData } = peer.socket.cipher
      peer.socket.cipher.verifyData = (transcript) => verifyData.call(peer.socket.cipher, transcript).subarray(0, 4)
      await expectRefused(peer, /Finished does not match/)
    })

    test('a certificate with another fingerprint is refused', async () => {
      await expectRefused(create({ side: { remoteFingerprints: [alice.fingerprint] } }), /another fingerprint/)
    })

    test('a matching fingerprint with a weak hash does not count', async () => {
      const der = new X509Certificate(bob.certificatePem)
      const weak: Fingerprint = { algorithm: 'sha-1', value: der.fingerprint }
      await expectRefused(create({ side: { remoteFingerprints: [weak] } }), /sha-256 or stronger/)
      await expectRefused(create({ side: { remoteFingerprints: [weak, alice.fingerprint] } }), /another fingerprint/)
    })

    test('one of several fingerprints is enough, sha-512 too', async () => {
      const { fingerprint512 } = new X509Certificate(bob.certificatePem)
      const peer = create({
        side: { remoteFingerprints: [alice.fingerprint, { algorithm: 'sha-512', value: fingerprint512 }] },
      })
      peer.begin()
      await settle()
      expect(peer.side.keys).toHaveLength(1)
      peer.stop()
    })

    test('a peer without a common SRTP profile is refused', async () => {
      const peer = create({
        profiles: ['AES_CM_128_HMAC_SHA1_80'],
        side: { srtpProfiles: ['AEAD_AES_128_GCM'] },
      })
      peer.begin()
      await settle()
      expect(peer.side.keys).toEqual([])
      // werift's server does not answer at all if nothing fits.
      if (peer.side.ends.length > 0) {
        expect(peer.side.ends).toEqual([{ end: 'failed', detail: 'no common SRTP profile' }])
      }
      expect(peer.connected).toBe(false)
      peer.stop()
    })

    test('a peer that does not offer SRTP is refused', async () => {
      await expectRefused(create({ profiles: [] }), /no common SRTP profile/)
    })
  })

  describe('as server', () => {
    test('a client without a certificate is refused', async () => {
      const peer = againstWeriftClient()
      Object.defineProperty(peer.socket.dtls, 'requestedCertificateTypes', { get: () => [], set: () => {} })
      await expectRefused(peer, /unexpected handshake message 16/)
    })

    test('a client with an empty certificate is refused', async () => {
      const peer = againstWeriftClient()
      peer.socket.cipher.localCert = Buffer.alloc(0)
      await expectRefused(peer, /Certificate/)
    })

    test('a small-order public key is refused', async () => {
      const peer = againstWeriftClient()
      let pair = peer.socket.cipher.localKeyPair
      Object.defineProperty(peer.socket.cipher, 'localKeyPair', {
        get: () => pair && { ...pair, publicKey: Buffer.alloc(32) },
        set: (value: typeof pair) => {
          pair = value
        },
      })
      await expectRefused(peer, /unusable public key/)
    })
  })

  describe('as client', () => {
    test('a ServerKeyExchange that was signed for another handshake is refused', async () => {
      const peer = againstWeriftServer()
      const { cipher } = peer.socket
      const make = cipher.generateKeySignature.bind(cipher)
      cipher.generateKeySignature = (hash) => {
        const random = cipher.remoteRandom
        cipher.remoteRandom = cipher.localRandom
        const signature = make(hash)
        cipher.remoteRandom = random
        return signature
      }
      await expectRefused(peer, /does not have the key of its certificate/)
    })

    test('a suite that was not offered is refused', async () => {
      const peer = againstWeriftServer()
      let suite = 0
      Object.defineProperty(peer.socket.cipher, 'cipherSuite', {
        get: () => (suite === 0 ? suite : 0xc02c),
        set: (value: number) => {
          suite = value
        },
      })
      await expectRefused(peer, /cipher suite that was not offered/)
    })
  })

  test('the keys of two handshakes have nothing in common', async () => {
    const first = await createConnectedPair()
    const second = await createConnectedPair()
    expect(first.server.keys[0]?.localKey.equals(second.server.keys[0]?.localKey as Buffer)).toBe(false)
    expect(fingerprintOf(new X509Certificate(alice.certificatePem).raw)).toEqual(alice.fingerprint)
  })
})
