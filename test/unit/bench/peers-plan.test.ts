import { expect, test } from 'vitest'
import { contestants } from '../../bench/peers/contestants.mjs'
import { parsePeersOptions } from '../../bench/peers/peers-options.mjs'
import { keyOf, pointsOf, tasksOf } from '../../bench/peers/plan.mjs'

const RUNS = { steady: 2, bursts: 2, saturation: 1, joins: 1, storm: 1 }
const RIG = { load: '/rig/load', limit: '/rig/limit', pionBroadcast: '/rig/pion-broadcast' }

function options(...args: string[]) {
  const parsed = parsePeersOptions(['--peers', ...args], {})
  if (parsed === undefined) throw new Error('help')
  return parsed
}

test('large sizes get a slower stream, and a run of joins one packet per frame', () => {
  const { viewers, ...rest } = options('--viewers', '20,400,1000', '--storm-viewers', '50')
  const points = pointsOf({ ...rest, viewers, maxRate: 100_000, kinds: ['steady', 'bursts', 'joins', 'storm'] })
  expect(points).toEqual([
    { kind: 'steady', viewers: 20, pps: 250 },
    { kind: 'steady', viewers: 400, pps: 250 },
    { kind: 'steady', viewers: 1000, pps: 100 },
    { kind: 'bursts', viewers: 400, pps: 250 },
    { kind: 'bursts', viewers: 1000, pps: 100 },
    { kind: 'joins', viewers: 300, pps: 30 },
    { kind: 'storm', viewers: 50, pps: 250 },
  ])
})

test('all contestants take turns at a point, and those that cannot carry it are left out', () => {
  const points = pointsOf({
    ...options('--viewers', '100,200', '--burst-viewers', '200'),
    kinds: ['steady'],
    maxRate: 1e6,
  })
  const chosen = contestants(RIG, 'gcm')
  const keys = tasksOf(points, chosen, RUNS, true).map(keyOf)
  expect(keys.slice(0, 7)).toEqual([
    'steady 100x250 native #1',
    'steady 100x250 portable #1',
    'steady 100x250 werift #1',
    'steady 100x250 pion #1',
    'steady 100x250 sendmmsg #1',
    'steady 100x250 gso #1',
    'steady 100x250 native #2',
  ])
  expect(keys.filter((key) => key.startsWith('steady 200') && key.includes('werift'))).toEqual([])
  expect(new Set(keys).size).toBe(keys.length)
})

test('without the rig there are our own servers and steady runs of what our own client carries', () => {
  const parsed = options('--viewers', '20,200')
  expect(parsed.rig).toBeUndefined()
  expect(parsed.servers).toEqual(['native', 'portable', 'werift'])
  const tasks = tasksOf(pointsOf(parsed), contestants(undefined, 'gcm'), RUNS, false)
  expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(['steady', 'bursts']))
  expect(Math.max(...tasks.map(({ viewers, pps }) => viewers * pps))).toBeLessThanOrEqual(25_000)
})

test('what cannot be measured is said before anything is', () => {
  expect(() => options('--storm')).toThrow('--storm: needs the rig')
  expect(() => options('--servers', 'native,janus')).toThrow('there is no janus')
  expect(() => options('--only', 'steady,quality')).toThrow('there is no quality')
  expect(() => options('--viewers', '20,many')).toThrow('--viewers: a number from 1')
  expect(() => options('--runs', '1.5')).toThrow('--runs: a whole number')
  expect(() => options('--rig', '/nowhere/at/all')).toThrow('no program called load')
})
