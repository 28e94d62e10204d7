import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  type AuthorizationAction,
  type AuthorizationRequest,
  type JwtAuthorizerOptions,
  jwtAuthorizer,
  type TokenPermissions,
  whipWhep,
} from '../../../src/signaling/index.js'
import { loadJose } from '../../../src/signaling/jose.js'
import { fakeTarget } from '../../../src/testing/index.js'
import { OFFER, post, problemOf } from './requests.js'

const NOW = Date.UTC(2026, 0, 1)
const NOW_SECONDS = NOW / 1000
const SECRET = 'a secret of at least thirty-two bytes'
const EVERYTHING: TokenPermissions = { publish: true, view: true }

type Claims = Record<string, unknown>

function sign(
  claims: Claims,
  key: Uint8Array | KeyObject = new TextEncoder().encode(SECRET),
  header: { alg: string; kid?: string } = { alg: 'HS256' },
): Promise<string> {
  return new SignJWT({ exp: NOW_SECONDS + 60, manycast: EVERYTHING, ...claims }).setProtectedHeader(header).sign(key)
}

function asked(
  token: string | undefined,
  action: AuthorizationAction = 'publish',
  broadcast = 'main',
  role?: 'viewer',
) {
  const request: AuthorizationRequest = {
    action,
    broadcast,
    as: undefined,
    sessionId: undefined,
    role,
    token,
    address: undefined,
    header: () => undefined,
    parameter: () => undefined,
  }
  return request
}

function authorizer(options: JwtAuthorizerOptions = { secret: SECRET }, nowMs = NOW) {
  return jwtAuthorizer(options, { now: () => new Date(nowMs) })
}

const REFUSED = { code: 'unauthorized', details: { error: 'invalid_token' } }

function keyPair(algorithm: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  if (algorithm.startsWith('ES')) {
    return generateKeyPairSync('ec', { namedCurve: algorithm === 'ES256' ? 'P-256' : 'P-384' })
  }
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

const KEYS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'].map((algorithm) => ({ algorithm, pair: keyPair(algorithm) }))
const RSA = KEYS[0] as (typeof KEYS)[0]

describe('the key of a token', () => {
  it('is a shared secret, as text or bytes', async () => {
    const token = await sign({ sub: 'user-7' })
    for (const secret of [SECRET, new TextEncoder().encode(SECRET)]) {
      const authorize = await authorizer({ secret })
      expect(await authorize(asked(token))).toMatchObject({ metadata: { sub: 'user-7' } })
    }
    const authorize = await authorizer({ secret: `${SECRET}.` })
    await expect(authorize(asked(token))).rejects.toMatchObject(REFUSED)
  })

  describe.each(KEYS)('for $algorithm', ({ algorithm, pair }) => {
    it('is public, in whichever form, or one of a set', async () => {
      const token = await sign({}, pair.privateKey, { alg: algorithm, kid: 'two' })
      const jwk = await exportJWK(pair.publicKey)
      const other = await exportJWK(generateKeyPairSync('ed25519').publicKey)
      const forms: JwtAuthorizerOptions[] = [
        { publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) },
        { publicKey: pair.publicKey },
        { publicKey: jwk },
        {
          jwks: {
            keys: [
              { ...other, kid: 'one' },
              { ...jwk, kid: 'two' },
            ],
          },
        },
      ]
      for (const form of forms) expect(await (await authorizer(form))(asked(token))).toBeTruthy()
    })

    it('does not verify what another key has signed', async () => {
      const token = await sign({}, keyPair(algorithm).privateKey, { alg: algorithm })
      const authorize = await authorizer({ publicKey: pair.publicKey })
      await expect(authorize(asked(token))).rejects.toMatchObject(REFUSED)
    })

    it('is never taken for a secret', async () => {
      const pem = pair.publicKey.export({ type: 'spki', format: 'pem' })
      const token = await sign({}, new TextEncoder().encode(String(pem)), { alg: 'HS256' })
      const set = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'a' }] }
      for (const form of [{ publicKey: pem }, { jwks: set }] as JwtAuthorizerOptions[]) {
        await expect((await authorizer(form))(asked(token))).rejects.toMatchObject(REFUSED)
      }
    })
  })

  it('is needed: a token without signature is none', async () => {
    const token = new UnsecuredJWT({ exp: NOW_SECONDS + 60, manycast: EVERYTHING }).encode()
    await expect((await authorizer())(asked(token))).rejects.toMatchObject(REFUSED)
  })

  it('fits only the algorithms that are allowed', async () => {
    const { pair } = RSA
    const authorize = await authorizer({ publicKey: pair.publicKey, algorithms: ['PS256'] })
    expect(await authorize(asked(await sign({}, pair.privateKey, { alg: 'PS256' })))).toBeTruthy()
    const other = authorize(asked(await sign({}, pair.privateKey, { alg: 'RS256' })))
    await expect(other).rejects.toMatchObject(REFUSED)
  })
})

describe('a token', () => {
  it('is asked for, and not made up', async () => {
    const authorize = await authorizer()
    expect(await authorize(asked(undefined))).toBeUndefined()
    for (const text of ['', 'x', 'a.b.c', `${'e'.repeat(9000)}.e.e`]) {
      await expect(authorize(asked(text))).rejects.toMatchObject(REFUSED)
    }
  })

  it('counts as it was signed only', async () => {
    const [header, payload, signature] = (await sign({ manycast: { view: 'a' } })).split('.')
    const forged = Buffer.from(JSON.stringify({ exp: NOW_SECONDS + 60, manycast: EVERYTHING })).toString('base64url')
    expect(payload).not.toBe(forged)
    const authorize = await authorizer()
    await expect(authorize(asked(`${header}.${forged}.${signature}`))).rejects.toMatchObject(REFUSED)
  })

  it('counts from its nbf to its exp, give or take what clocks differ', async () => {
    const token = await sign({ nbf: NOW_SECONDS, exp: NOW_SECONDS + 60 })
    const at = async (ms: number, clockToleranceSeconds?: number) => {
      const authorize = await authorizer({ secret: SECRET, clockToleranceSeconds }, NOW + ms)
      return Promise.resolve(authorize(asked(token))).then(
        () => 'taken',
        ({ code }) => code,
      )
    }
    expect(await at(-5000)).toBe('taken')
    expect(await at(-6000)).toBe('unauthorized')
    expect(await at(64_000)).toBe('taken')
    expect(await at(65_000)).toBe('unauthorized')
    expect([await at(0, 0), await at(60_000, 0), await at(80_000, 30)]).toEqual(['taken', 'unauthorized', 'taken'])
  })

  it('needs an end, unless told otherwise', async () => {
    const token = await sign({ exp: undefined })
    await expect((await authorizer())(asked(token))).rejects.toMatchObject(REFUSED)
    const lenient = await authorizer({ secret: SECRET, requireExpiry: false, endSessionsAtExpiry: true })
    expect(await lenient(asked(token))).not.toHaveProperty('expiresAt')
  })

  it('is for us and from whom we trust, if that is asked for', async () => {
    const options = { secret: SECRET, audience: ['live', 'other'], issuer: 'https://id.example.org' }
    const authorize = await authorizer(options)
    const good = { aud: ['x', 'live'], iss: 'https://id.example.org' }
    expect(await authorize(asked(await sign(good)))).toBeTruthy()
    for (const bad of [{}, { ...good, aud: 'x' }, { ...good, iss: 'https://evil.example' }, { aud: 'live' }]) {
      await expect(authorize(asked(await sign(bad)))).rejects.toMatchObject(REFUSED)
    }
  })

  it('ends the session with itself, if that is asked for', async () => {
    const token = await sign({ exp: NOW_SECONDS + 90 })
    expect(await (await authorizer())(asked(token))).not.toHaveProperty('expiresAt')
    const ending = await authorizer({ secret: SECRET, endSessionsAtExpiry: true, clockToleranceSeconds: 10 })
    expect(await ending(asked(token))).toMatchObject({ expiresAt: NOW + 100_000 })
  })
})

describe('what a token permits', () => {
  async function grant(manycast: unknown, request: ReturnType<typeof asked>, claims: Claims = {}) {
    const token = await sign({ ...claims, manycast })
    return (await authorizer())({ ...request, token })
  }

  it.each([
    [{ publish: true }, 'publish', 'main'],
    [{ publish: 'main' }, 'publish', 'main'],
    [{ publish: ['other', 'main'] }, 'publish', 'main'],
    [{ publish: 'team-7-*' }, 'publish', 'team-7-main'],
    [{ view: '*' }, 'view', 'main'],
    [{ admin: true }, 'admin', undefined],
    [{ publish: 'main' }, 'session', 'main'],
    [{ admin: true }, 'session', 'main'],
  ] as [unknown, AuthorizationAction, string | undefined][])('%j covers %s of %s', async (claim, action, broadcast) => {
    const request = { ...asked('', action, broadcast), broadcast, role: 'publisher' as const }
    expect(await grant(claim, request)).toBeTruthy()
  })

  it.each([
    [undefined, 'publish', 'main'],
    [null, 'view', 'main'],
    ['all', 'view', 'main'],
    [{}, 'view', 'main'],
    [{ view: true }, 'publish', 'main'],
    [{ publish: true }, 'view', 'main'],
    [{ publish: 'Main' }, 'publish', 'main'],
    [{ publish: 'mai' }, 'publish', 'main'],
    [{ publish: 'team-7-*' }, 'publish', 'team-70'],
    [{ publish: { main: true } }, 'publish', 'main'],
    [{ publish: 1 }, 'publish', 'main'],
    [{ publish: 'true' }, 'publish', 'main'],
    [{ publish: [true, 7] }, 'publish', 'main'],
    [{ publish: true, view: true }, 'admin', undefined],
    [{ admin: 'true' }, 'admin', undefined],
    [{ publish: 'main' }, 'publish', undefined],
    [{ view: true }, 'session', 'main'],
    [{ admin: true }, 'publish', 'main'],
  ] as [unknown, AuthorizationAction, string | undefined][])(
    '%j does not cover %s of %s',
    async (claim, action, broadcast) => {
      const request = { ...asked('', action, broadcast), broadcast, role: 'publisher' as const }
      await expect(grant(claim, request)).rejects.toMatchObject({ code: 'forbidden' })
    },
  )

  it('includes the limits and what is passed on', async () => {
    const limits = {
      as: 'camera',
      maxBitrateBps: 1_000_000,
      maxViewers: 9,
      layer: { maxHeight: 360 },
      publishers: ['main'],
      roles: ['speaker'],
      metadata: { name: 'Ada' },
    }
    expect(await grant({ publish: true, ...limits }, asked(''), { sub: 'user-7' })).toEqual({
      ...limits,
      metadata: { sub: 'user-7', name: 'Ada' },
    })
  })

  it('is what the application reads in the claims', async () => {
    const authorize = await authorizer({
      secret: SECRET,
      claims: ({ scope }) => (String(scope).split(' ').includes('live:view') ? { view: true } : undefined),
    })
    const token = await sign({ scope: 'profile live:view' })
    expect(await authorize(asked(token, 'view'))).toBeTruthy()
    await expect(authorize(asked(token, 'publish'))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(authorize(asked(await sign({ scope: 'profile' }), 'view'))).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

it('answers 201, 401 and 403 behind WHIP', async () => {
  const target = fakeTarget()
  const handler = whipWhep(target, { authorize: await jwtAuthorizer({ secret: SECRET, endSessionsAtExpiry: true }) })
  const exp = Math.floor(Date.now() / 1000) + 60
  const send = async (claims: Claims) =>
    handler(post('/whip/main', OFFER, { authorization: `Bearer ${await sign({ exp, ...claims })}` }))
  expect((await send({ sub: 'ada' })).status).toBe(201)
  expect(target.calls[0]?.context).toEqual({
    broadcast: 'main',
    metadata: { sub: 'ada' },
    expiresAt: (exp + 5) * 1000,
  })
  const late = await send({ exp: exp - 3600 })
  expect([late.status, late.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="manycast", error="invalid_token"',
  ])
  const other = await send({ manycast: { publish: 'other' } })
  expect([other.status, (await problemOf(other)).code]).toEqual([403, 'forbidden'])
})

it('says what to do when the package is missing', async () => {
  const load = () => loadJose(() => Promise.reject(new Error('Cannot find package')))
  await expect(jwtAuthorizer({ secret: SECRET }, { load })).rejects.toMatchObject({
    code: 'package-missing',
    message: 'jwtAuthorizer needs the package "jose": npm install jose',
  })
})

it('does not blame the token when the keys cannot be had', async () => {
  const jose = await loadJose()
  const load = async () => ({ ...jose, createRemoteJWKSet: () => () => Promise.reject(new TypeError('fetch failed')) })
  const authorize = await jwtAuthorizer({ jwks: 'https://id.example.org/jwks.json' }, { load })
  const token = await sign({}, RSA.pair.privateKey, { alg: 'RS256' })
  await expect(authorize(asked(token))).rejects.toMatchObject({ code: 'internal-error' })
})

it.each([
  [{}, 'secret'],
  [{ secret: SECRET, jwks: { keys: [] } }, 'secret'],
  [{ secret: 'short' }, 'secret'],
  [{ secret: 7 }, 'secret'],
  [{ secret: SECRET, algorithms: ['RS256'] }, 'algorithms'],
  [{ secret: SECRET, algorithms: [] }, 'algorithms'],
  [{ publicKey: 'no key' }, 'publicKey'],
  [{ publicKey: generateKeyPairSync('x25519').publicKey }, 'publicKey'],
  [{ publicKey: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey }, 'publicKey'],
  [{ publicKey: generateKeyPairSync('ed25519').publicKey, algorithms: ['HS256'] }, 'algorithms'],
  [{ jwks: 'file:///etc/passwd' }, 'jwks'],
  [{ jwks: 'nowhere' }, 'jwks'],
  [{ jwks: { keys: 'none' } }, 'jwks'],
  [{ jwks: { keys: [] }, algorithms: ['none'] }, 'algorithms'],
  [{ secret: SECRET, audience: [] }, 'audience'],
  [{ secret: SECRET, issuer: '' }, 'issuer'],
  [{ secret: SECRET, clockToleranceSeconds: 301 }, 'clockToleranceSeconds'],
  [{ secret: SECRET, requireExpiry: 'no' }, 'requireExpiry'],
  [{ secret: SECRET, endSessionsAtExpiry: 1 }, 'endSessionsAtExpiry'],
  [{ secret: SECRET, claims: 'scope' }, 'claims'],
])('refuses the options %# and names one, never its value', async (options, option) => {
  const refused = jwtAuthorizer(options as never)
  await expect(refused).rejects.toMatchObject({ code: 'option-invalid', details: { option } })
  await refused.catch((error: Error) => expect(error.message).not.toContain('short'))
})
