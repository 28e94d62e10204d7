/** What nodes show each other, and what redirected clients show them: only what was written for this node, this broadcast and now is taken, and once. */
import { describe, expect, it } from 'vitest'
import { clusterKeys } from '../../../src/cluster/cluster-keys.js'
import { Gatekeeper } from '../../../src/cluster/gatekeeper.js'
import { passOf, withPass } from '../../../src/cluster/pass.js'
import { readRelayToken, writeRelayToken } from '../../../src/cluster/relay-token.js'
import { ReplayGuard } from '../../../src/cluster/replay-guard.js'
import { readTicket } from '../../../src/cluster/ticket.js'
import type { AuthorizationRequest, Authorize } from '../../../src/signaling/index.js'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'

const SECRET = 'a secret that all nodes of a cluster know'
const GRANT = {
  as: 'slides',
  roles: ['speaker'],
  metadata: { user: 'ada' },
  publishers: ['main'],
  maxBitrateBps: 500_000,
}

function pair(secret: string | null = SECRET) {
  const clock = new VirtualClock()
  const sessions = new Map<string, { metadata: Readonly<Record<string, unknown>> }>()
  const asked: AuthorizationRequest[] = []
  const authorize: Authorize = (request) => {
    asked.push(request)
    return request.token === 'user' ? { roles: ['user'] } : undefined
  }
  const make = (nodeId: string) =>
    new Gatekeeper({
      nodeId,
      keys: clusterKeys(secret ?? undefined),
      ttlMs: 30_000,
      authorize: secret === null ? undefined : authorize,
      clock,
      session: (id) => sessions.get(id),
    })
  return { clock, sessions, asked, a: make('a'), b: make('b') }
}

function request(more: Partial<AuthorizationRequest> & { ticket?: string | undefined } = {}): AuthorizationRequest {
  const { ticket, ...rest } = more
  return {
    action: 'view',
    broadcast: 'x',
    as: undefined,
    sessionId: undefined,
    role: undefined,
    token: undefined,
    address: undefined,
    header: () => undefined,
    parameter: (name) => (name === 'ticket' ? ticket : undefined),
    ...rest,
  }
}

const ticketFor = (from: Gatekeeper, to = 'b', action: 'publish' | 'view' = 'view') =>
  from.ticket({ to, action, broadcast: 'x', context: GRANT }) as string

/** Every text that differs from `text` in one place, at some places. */
function* spoilt(text: string): Generator<string> {
  for (let index = 0; index < text.length; index += 7) {
    yield `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`
  }
  // The bits to spare of the last letter.
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  yield `${text.slice(0, -1)}${letters[letters.indexOf(text.at(-1) as string) ^ 1]}`
  yield text.slice(0, -4)
  yield text.slice(0, 12)
  yield ''
}

describe('a ticket', () => {
  it('stands for what was granted on the other node, in the URL or as a bearer token', () => {
    const { a, b, asked } = pair()
    for (const shown of [{ ticket: ticketFor(a) }, { token: ticketFor(a) }]) {
      const grant = b.authorize(request(shown)) as typeof GRANT
      expect(grant).toMatchObject(GRANT)
      expect(passOf(grant.metadata)).toEqual({ tried: ['a'] })
    }
    expect(asked).toEqual([])
  })

  it('says to nobody what was granted', () => {
    const { a } = pair()
    const ticket = ticketFor(a)
    for (const word of ['ada', 'speaker', 'slides']) {
      expect(Buffer.from(ticket.slice(5), 'base64url').includes(word)).toBe(false)
    }
  })

  it('is taken once', () => {
    const { a, b } = pair()
    const ticket = ticketFor(a)
    expect(b.authorize(request({ ticket }))).toBeTruthy()
    expect(b.authorize(request({ ticket }))).toBeUndefined()
    expect(b.refused).toBe(1)
  })

  it.each([
    ['another node', 'c', 'view', {}],
    ['another action', 'b', 'publish', {}],
    ['another broadcast', 'b', 'view', { broadcast: 'y' }],
    ['a session', 'b', 'view', { action: 'session', sessionId: 's', role: 'viewer' }],
    ['an administrator', 'b', 'view', { action: 'admin' }],
  ] as const)('is not for %s', (_, to, action, more) => {
    const { a, b } = pair()
    expect(b.authorize(request({ ticket: ticketFor(a, to, action), ...more }))).toBeUndefined()
  })

  it('ends', () => {
    const { a, b, clock } = pair()
    const [early, late] = [ticketFor(a), ticketFor(a)]
    clock.advance(34_000)
    expect(b.authorize(request({ ticket: early }))).toBeTruthy()
    clock.advance(2000)
    expect(b.authorize(request({ ticket: late }))).toBeUndefined()
  })

  it('that was changed, or written by somebody else, is none: the hook decides as without it', () => {
    const { a, b, asked } = pair()
    const stranger = pair('another secret that is just as long as it').a
    for (const ticket of [...spoilt(ticketFor(a)), ticketFor(stranger)]) {
      expect(b.authorize(request({ ticket }))).toBeUndefined()
      expect(b.authorize(request({ ticket, token: 'user' }))).toEqual({ roles: ['user'] })
    }
    expect(asked.length).toBeGreaterThan(40)
  })

  it('is not made of a grant that no URL can carry', () => {
    const { a } = pair()
    const context = { metadata: { text: 'x'.repeat(6000) } }
    expect(a.ticket({ to: 'b', action: 'view', broadcast: 'x', context })).toBeUndefined()
  })

  it('remembers all nodes that have sent a client on', () => {
    const { a, b } = pair()
    const context = b.authorize(request({ ticket: ticketFor(a) })) as typeof GRANT
    const next = b.ticket({ to: 'c', action: 'view', broadcast: 'x', context }) as string
    expect(readTicket(clusterKeys(SECRET).ticket, next)?.tried).toEqual(['a', 'b'])
  })

  it('grants nothing in a cluster without a secret, where everybody can write one', () => {
    const { a, b } = pair(null)
    const grant = b.authorize(request({ ticket: ticketFor(a) })) as { metadata: Record<string, unknown> }
    expect(Object.keys(grant)).toEqual(['metadata'])
    expect([Object.keys(grant.metadata), passOf(grant.metadata)]).toEqual([[], { tried: ['a'] }])
  })
})

describe("a relay's token", () => {
  it('lets it view one publisher of one broadcast', () => {
    const { a, b, asked } = pair()
    const grant = b.authorize(request({ token: a.relayToken('b', 'x', 'slides') })) as {
      metadata: Record<string, unknown>
    }
    expect(grant).toMatchObject({ publishers: ['slides'], metadata: { relay: 'a' } })
    expect(passOf(grant.metadata).relay).toEqual({ from: 'a', publisher: 'slides' })
    expect(asked).toEqual([])
  })

  it.each([
    ['another node', 'c', {}],
    ['another broadcast', 'b', { broadcast: 'y' }],
    ['publishing', 'b', { action: 'publish' }],
    ['an administrator', 'b', { action: 'admin' }],
  ] as const)('is not for %s', (_, to, more) => {
    const { a, b } = pair()
    expect(b.authorize(request({ token: a.relayToken(to, 'x', 'main'), ...more }))).toBeUndefined()
  })

  it('opens one session, and ends', () => {
    const { a, b, clock } = pair()
    const [first, second] = [a.relayToken('b', 'x', 'main'), a.relayToken('b', 'x', 'main')]
    expect(b.authorize(request({ token: first }))).toBeTruthy()
    expect(b.authorize(request({ token: first }))).toBeUndefined()
    clock.advance(36_000)
    expect(b.authorize(request({ token: second }))).toBeUndefined()
  })

  it('changes sessions of its own node only, and no others', () => {
    const { a, b, sessions } = pair()
    sessions.set('own', { metadata: withPass({}, { relay: { from: 'a', publisher: 'main' } }) })
    sessions.set('of c', { metadata: withPass({}, { relay: { from: 'c', publisher: 'main' } }) })
    sessions.set('a viewer', { metadata: { relay: 'a' } })
    const may = [...sessions.keys(), 'none'].map((sessionId) => {
      const token = a.relayToken('b', 'x', 'main')
      return b.authorize(request({ action: 'session', sessionId, role: 'viewer', token })) !== undefined
    })
    expect(may).toEqual([true, false, false, false])
  })

  it('that was changed, or signed with another key, is none', () => {
    const { a } = pair()
    const key = clusterKeys(SECRET).relay
    const token = a.relayToken('b', 'x', 'main')
    expect(readRelayToken(key, token)).toMatchObject({ from: 'a', to: 'b' })
    for (const text of [...spoilt(token), `${token}.`, `${token}A`]) {
      expect(readRelayToken(key, text)).toBeUndefined()
    }
    expect(readRelayToken(clusterKeys('another secret that is just as long as it').relay, token)).toBeUndefined()
    expect(readRelayToken(clusterKeys(undefined).relay, token)).toBeUndefined()
    expect(readRelayToken(clusterKeys(SECRET).ticket, token)).toBeUndefined()
  })

  it('signed by a stranger who knows that there is no secret, with nonsense in it, is refused', () => {
    const { b } = pair(null)
    const claims = { to: 'b', from: 'a', broadcast: 'x', publisher: 'main', nonce: 'n' }
    for (const expiresAtMs of [Number.NaN, undefined, 'never', null] as unknown as number[]) {
      const token = writeRelayToken(clusterKeys(undefined).relay, { ...claims, expiresAtMs })
      expect(b.authorize(request({ token }))).toBeUndefined()
    }
  })
})

describe('a pass', () => {
  it('cannot be written into metadata by what is JSON', () => {
    const pass = withPass({ user: 'ada' }, { relay: { from: 'a', publisher: 'main' } })
    expect(passOf(JSON.parse(JSON.stringify(pass)))).toEqual({})
    expect(passOf(undefined)).toEqual({})
  })
})

describe('the memory of what was taken', () => {
  it('is bounded, forgets what has run out, and refuses rather than to forget anything else', () => {
    const clock = new VirtualClock()
    const guard = new ReplayGuard(clock, 3)
    const inMs = (ms: number) => clock.unixMs() + ms
    expect(['a', 'b', 'c', 'd'].map((nonce) => guard.take(nonce, inMs(1000)))).toEqual([true, true, true, false])
    clock.advance(1001)
    expect([guard.take('d', inMs(1000)), guard.take('d', inMs(1000)), guard.size]).toEqual([true, false, 1])
  })
})
