/** The contract finds what is wrong with an adapter: a small one that is right, and the same with one fault at a time. */
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import type { Grant } from '../../../src/signaling/index.js'
import { type ContractSetup, type CreateContractAdapter, signalingContract } from '../../../src/testing/index.js'

const FAULTS = {
  'changes offers': ['publishes the offer of a publisher', 'views with the offer of a viewer'],
  'changes answers': [
    'publishes the offer of a publisher',
    'views with the offer of a viewer',
    'gives each of several',
  ],
  'views for everybody': ['publishes the offer of a publisher', 'asks the hook about each offer'],
  'gives everybody the first answer': ['gives each of several clients'],
  'knows one broadcast': ['joins the broadcast that the client names'],
  'cuts offers': ['takes a large offer'],
  'takes anything of any size': ['refuses an offer that is too large'],
  'answers nonsense': ['refuses what is no session description'],
  'breaks after a failure': ['refuses what the target refuses, and serves'],
  'loses codes': ['tells the client the code of what the target refuses', 'tells the client the code that the hook'],
  'tells defects': ['keeps the message of a defect to itself'],
  'calls defects sdp-invalid': ['calls a defect internal-error'],
  'keeps sessions': ['ends the session of a client that leaves'],
  'ends all sessions': ['ends the session of a client that leaves'],
  'never acknowledges leaving': ['ends the session of a client that leaves', 'goes on when a client leaves'],
  'overlooks clients that go away': ['leaves no session behind'],
  'says no goodbye': ['tells the client that its session was ended'],
  'changes fragments': ['passes on candidates'],
  'keeps the fragment of a restart': ["answers an ICE restart with the server's fragment"],
  'ends sessions over a fragment': ['refuses what the session refuses'],
  'forgets the token': ['asks the hook about each offer'],
  'does not wait for the hook': [
    'does nothing before',
    'refuses whom the hook does not',
    'tells whom the hook',
    'refuses when the hook fails',
  ],
  'takes silence for a yes': ['refuses whom the hook does not permit', 'tells whom the hook does not permit'],
  'tells why the hook failed': ['refuses when the hook fails'],
  'drops limits': ['passes on what the grant limits and says'],
  'passes on a Date': ['passes on what the grant limits and says'],
} as const

type Fault = keyof typeof FAULTS

const MAX_BYTES = 10_000

/** An adapter without a wire: what a client asks for is a call. */
function adapterWith(fault?: Fault): CreateContractAdapter {
  return ({ target, authorize }: ContractSetup) => {
    let broken = false
    let firstAnswer: string | undefined

    const grantFor = async (request: object, token: string | undefined): Promise<Grant> => {
      if (authorize === undefined) return {}
      const asked = {
        header: () => undefined,
        parameter: () => undefined,
        ...request,
        token: fault === 'forgets the token' ? undefined : token,
      }
      const decision = Promise.resolve(authorize(asked as never))
      if (fault === 'does not wait for the hook') {
        decision.catch(() => {})
        return {}
      }
      let grant: Awaited<typeof decision>
      try {
        grant = await decision
      } catch (error) {
        if (error instanceof BroadcastError || fault === 'tells why the hook failed') throw error
        throw new BroadcastError('unauthorized', 'no')
      }
      if (!grant && fault !== 'takes silence for a yes') throw new BroadcastError('unauthorized', 'no')
      return grant || {}
    }

    const contextOf = ({ expiresAt, ...grant }: Grant, broadcast: string) => {
      if (fault === 'drops limits') return { broadcast }
      const time = fault === 'passes on a Date' ? expiresAt : Number(expiresAt)
      return { ...grant, broadcast, ...(expiresAt === undefined ? {} : { expiresAt: time }) } as never
    }

    const told = (error: unknown): Error => {
      broken = fault === 'breaks after a failure'
      if (error instanceof BroadcastError) return fault === 'loses codes' ? new Error('refused') : error
      if (fault === 'tells defects' || fault === 'tells why the hook failed') return error as Error
      if (fault === 'calls defects sdp-invalid') return new BroadcastError('sdp-invalid', 'wrong')
      return new BroadcastError('internal-error', 'the server failed')
    }

    return {
      async join({ role, broadcast: name, offerSdp, token, signal }) {
        const broadcast = fault === 'knows one broadcast' ? 'main' : name
        try {
          if (broken) throw new BroadcastError('closed', 'it has failed before')
          const limit = fault === 'takes anything of any size' ? Number.POSITIVE_INFINITY : MAX_BYTES
          if (Buffer.byteLength(offerSdp) > limit) throw new BroadcastError('request-too-large', 'too large')
          if (fault === 'answers nonsense' && !offerSdp.startsWith('v=')) return { answerSdp: 'v=0' }
          const action = role === 'publisher' && fault !== 'views for everybody' ? 'publish' : 'view'
          const grant = await grantFor({ action, broadcast }, token)
          const cut = fault === 'cuts offers' ? offerSdp.slice(0, 2000) : offerSdp
          const offer = fault === 'changes offers' ? cut.replaceAll('\r', '') : cut
          const { sdp, session } = await target[action](offer, contextOf(grant, broadcast))
          if (signal.aborted && fault !== 'overlooks clients that go away') await session.close()
          firstAnswer ??= sdp
          const mine = fault === 'gives everybody the first answer' ? firstAnswer : sdp
          return {
            answerSdp: fault === 'changes answers' ? mine.replace('ü', '?') : mine,
            async leave() {
              if (fault === 'never acknowledges leaving') await new Promise(() => {})
              if (fault === 'keeps sessions') return
              const { sessions } = target as unknown as { sessions: readonly { close(): Promise<void> }[] }
              if (fault === 'ends all sessions') await Promise.all(sessions.map((each) => each.close()))
              await session.close()
            },
            async trickle(fragment) {
              const text = fault === 'changes fragments' ? `${fragment}\r\n` : fragment
              try {
                const { restarted, fragment: reply } = (await session.trickle(text)) as Record<string, unknown>
                return restarted && fault !== 'keeps the fragment of a restart' ? (reply as string) : undefined
              } catch (error) {
                if (fault === 'ends sessions over a fragment') await session.close()
                throw error
              }
            },
            ended: () =>
              new Promise((resolve) => {
                if (fault !== 'says no goodbye' && session.state === 'closed') resolve()
              }),
          }
        } catch (error) {
          throw told(error)
        }
      },
    }
  }
}

/** The names of the cases that fail. */
async function failures(create: CreateContractAdapter, withinMs?: number): Promise<string[]> {
  const contract = signalingContract(create, {
    maxOfferBytes: MAX_BYTES,
    ...(withinMs === undefined ? {} : { withinMs }),
  })
  const failed = await Promise.all(
    contract.map(async ({ name, run }) => {
      try {
        await run()
        return []
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringMatching(/\w/) })
        return [name]
      }
    }),
  )
  return failed.flat()
}

it('is kept by an adapter that does everything right', async () => {
  expect(await failures(adapterWith())).toEqual([])
})

it.each(Object.entries(FAULTS))('finds that an adapter %s', async (fault, expected) => {
  const failed = await failures(adapterWith(fault as Fault), 60)
  for (const name of expected) expect(failed).toContainEqual(expect.stringContaining(name))
})

it('has a fault above for every case', () => {
  const found = Object.values(FAULTS).flat() as string[]
  const names = signalingContract(adapterWith()).map(({ name }) => name)
  expect(names.filter((name) => !found.some((start) => name.startsWith(start)))).toEqual([])
})

describe('what an adapter does without', () => {
  it('is left out', () => {
    const names = (without: readonly ('leave' | 'trickle')[]) =>
      signalingContract(adapterWith(), { without }).map(({ name }) => name)
    expect(names([]).length - names(['leave']).length).toBe(2)
    expect(names(['trickle'])).not.toContainEqual(expect.stringContaining('candidates'))
  })

  it('is named as it is spelt', () => {
    expect(() => signalingContract(adapterWith(), { without: ['trickles' as never] })).toThrow(TypeError)
  })
})

it('frees the adapter, also after a failure', async () => {
  let closed = 0
  const contract = signalingContract(() => ({
    join: async () => ({ answerSdp: 'wrong' }),
    close: () => void closed++,
  }))
  await expect(contract[0]?.run()).rejects.toThrow()
  expect(closed).toBe(1)
})

it('says what join has to resolve to', async () => {
  const [first] = signalingContract(() => ({ join: async () => 'v=0' as never }))
  await expect(first?.run()).rejects.toThrow('answerSdp')
})
