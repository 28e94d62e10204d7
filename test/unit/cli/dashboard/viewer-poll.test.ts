import { expect, it } from 'vitest'
import type { AdminSession } from '../../../../src/cli/dashboard/dashboard-target.js'
import { ViewerPoll } from '../../../../src/cli/dashboard/viewer-poll.js'

function session(id: string, more: object = {}, stats: () => unknown = () => ({ id })): AdminSession {
  const info = { id, role: 'viewer', state: 'connected', ...more }
  return { id, info: () => info, stats: async () => stats() } as never
}

it('asks a few at a time, and all in turn', async () => {
  const sessions = ['a', 'b', 'c', 'd', 'e'].map((id) => session(id))
  const poll = new ViewerPoll(2)
  const asked: string[] = []
  for (let i = 0; i < 5; i++) asked.push((await poll.ask(sessions)).map(({ id }) => id).join(''))
  expect(asked).toEqual(['ab', 'cd', 'ea', 'bc', 'de'])
})

it('asks each once where there are no more, and connected viewers only', async () => {
  const others = [session('p', { role: 'publisher' }), session('new', { state: 'connecting' })]
  const sessions = [...others, session('a'), session('relay', { relay: { path: ['n2'] } })]
  const poll = new ViewerPoll(50)
  for (let i = 0; i < 3; i++) expect((await poll.ask(sessions)).map(({ id }) => id)).toEqual(['a'])
  expect(await poll.ask([])).toEqual([])
})

it('goes on without those that end meanwhile', async () => {
  const gone = session('gone', {}, () => undefined)
  const closing = session('closing', {}, () => {
    throw new Error('closed')
  })
  expect(await new ViewerPoll(50).ask([gone, closing, session('a')])).toEqual([{ id: 'a' }])
})
