import { expect, it } from 'vitest'
import { broadcastApi } from '../../../src/cli/broadcast-api.js'

const list = {
  broadcasts: () => [
    { name: 'stage', live: true, viewers: [1, 2] },
    { name: 'attic', live: false, viewers: [] },
    { name: 'no page / for this', live: true, viewers: [] },
  ],
}
const handler = broadcastApi(list)
const get = (path: string, method = 'GET') => handler(new Request(`http://localhost${path}`, { method }))

it('lists the broadcasts by name', async () => {
  const response = await get('/api/broadcasts')
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(await response.json()).toEqual([
    { name: 'attic', live: false, viewers: 0 },
    { name: 'stage', live: true, viewers: 2 },
  ])
})

it('tells about one, also when nobody uses its name', async () => {
  expect(await (await get('/api/broadcasts/stage')).json()).toEqual({ name: 'stage', live: true, viewers: 2 })
  expect(await (await get('/api/broadcasts/new')).json()).toEqual({ name: 'new', live: false, viewers: 0 })
  expect((await get('/api/broadcasts/a%20b')).status).toBe(404)
})

it('takes GET and HEAD only', async () => {
  expect((await get('/api/broadcasts', 'DELETE')).status).toBe(405)
})

it('tells who may view or publish only, if somebody decides that', async () => {
  const permitted: Record<string, readonly string[]> = {
    all: ['view undefined', 'view stage', 'view attic'],
    stage: ['view stage'],
    attic: ['publish attic'],
  }
  const guarded = broadcastApi(list, {
    authorize: ({ action, broadcast, token = '' }) =>
      permitted[token]?.includes(`${action} ${broadcast}`) ? {} : undefined,
  })
  const statuses = (token: string) =>
    Promise.all(
      ['', '/stage', '/attic'].map(async (path) => {
        const headers = { authorization: `Bearer ${token}` }
        return (await guarded(new Request(`http://localhost/api/broadcasts${path}`, { headers }))).status
      }),
    )
  expect(await statuses('all')).toEqual([200, 200, 200])
  expect(await statuses('stage')).toEqual([401, 200, 401])
  expect(await statuses('attic')).toEqual([401, 401, 200])
  const refused = await guarded(new Request('http://localhost/api/broadcasts'))
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="manycast"'])
})

it('knows its paths', () => {
  const knows = (path: string) => handler.knows(new URL(`http://localhost${path}`))
  expect(['/api/broadcasts', '/api/broadcasts/x', '/api', '/api/broadcastsx'].map(knows)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
