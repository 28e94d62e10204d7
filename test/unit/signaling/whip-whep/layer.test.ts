/** WHEP's layers: the data of the event, and the selection by HTTP. */
import { describe, expect, it } from 'vitest'
import type { AvailableLayer } from '../../../../src/engine/types.js'
import { BroadcastError } from '../../../../src/errors.js'
import { whipWhep } from '../../../../src/signaling/index.js'
import { whepLayers } from '../../../../src/signaling/whip-whep/layers-event.js'
import { fakeTarget } from '../../../../src/testing/index.js'
import { bare, OFFER, post, problemOf } from '../requests.js'

const ANSWER = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:sound',
  'm=video 0 UDP/TLS/RTP/SAVPF 96',
  'a=mid:refused',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:camera',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:slides',
  '',
].join('\r\n')

async function watching() {
  const target = fakeTarget({ answerSdp: ANSWER })
  const handler = whipWhep(target)
  const path = `${(await handler(post('/whep/main', OFFER))).headers.get('location')}/layer`
  const session = target.sessions[0]
  if (session === undefined) throw new Error('no session')
  const select = (body: unknown, type = 'application/json') =>
    handler(post(path, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': type }))
  return { target, session, handler, path, select }
}

describe('a selection', () => {
  it.each([
    [{ rid: 'h' }, { layer: { maxRid: 'h' }, mid: 'camera' }],
    [
      { mediaId: '3', rid: 'h' },
      { layer: { maxRid: 'h' }, mid: 'slides' },
    ],
    [
      { mediaId: 2, maxWidth: 640, maxHeight: 360 },
      { layer: { maxWidth: 640, maxHeight: 360 }, mid: 'camera' },
    ],
    [
      { spatialLayerId: 1, temporalLayerId: 0 },
      { layer: { maxSpatialId: 1, maxTemporalId: 0 }, mid: 'camera' },
    ],
    [
      { spatialLayerId: 2, maxSpatialLayerId: 1, maxTemporalLayerId: 2, temporalLayerId: null },
      { layer: { maxSpatialId: 1, maxTemporalId: 2 }, mid: 'camera' },
    ],
    [
      { maxSpatialLayerId: 100, maxWidth: 1e9 },
      { layer: { maxSpatialId: 7, maxWidth: 65_535 }, mid: 'camera' },
    ],
    [{}, { layer: undefined, mid: 'camera' }],
    [
      { mediaId: '3', unknown: true },
      { layer: undefined, mid: 'slides' },
    ],
  ])('%j is %j', async (body, preference) => {
    const { session, select } = await watching()
    const response = await select(body)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    expect(session.preferences).toEqual([preference])
  })

  it.each([
    ['no JSON', '{mediaId:"0"}'],
    ['nothing', ''],
    ['a list', []],
    ['null', 'null'],
    ['a rid that is none', { rid: 1 }],
    ['an empty rid', { rid: '' }],
    ['a negative layer', { spatialLayerId: -1 }],
    ['half a layer', { maxTemporalLayerId: 0.5 }],
    ['a layer in words', { temporalLayerId: '1' }],
    ['no width', { maxWidth: 0 }],
    ['an m-line that is audio', { mediaId: '0' }],
    ['an m-line that is refused', { mediaId: '1' }],
    ['an m-line that is not there', { mediaId: '9' }],
    ['an m-line by another name', { mediaId: 'camera' }],
  ])('with %s is refused with 400', async (_, body) => {
    const { session, select } = await watching()
    const response = await select(body)
    expect(response.status).toBe(400)
    expect((await problemOf(response)).code).toBe('request-invalid')
    expect(session.preferences).toEqual([])
  })

  it('of a rid that nobody sends is refused with 422, once it is known what is sent', async () => {
    const { session, select } = await watching()
    session.available = [{ mid: 'camera', layers: [{ rid: 'l', live: true, sublayers: [] }] }]
    const response = await select({ rid: 'h' })
    expect(response.status).toBe(422)
    expect(await problemOf(response)).toMatchObject({ details: { rids: ['l'] } })
    expect((await select({ rid: 'l' })).status).toBe(200)
    expect((await select({ rid: 'h', mediaId: '3' })).status).toBe(200)
  })

  it('may come as the draft spells its type, and as nothing else', async () => {
    const { select } = await watching()
    expect((await select({}, 'application/sjon')).status).toBe(200)
    expect((await select({}, 'text/json')).status).toBe(415)
  })

  it('that fails is answered as every failure', async () => {
    const { target, select } = await watching()
    target.failNext(new BroadcastError('closed', 'the session is closed'))
    expect((await select({ rid: 'h' })).status).toBe(410)
  })

  it('is taken by POST only', async () => {
    const { handler, path } = await watching()
    expect((await handler(bare('DELETE', path))).status).toBe(405)
    expect((await handler(bare('OPTIONS', path))).headers.get('accept-post')).toBe('application/json')
  })
})

describe('the data of the event', () => {
  const sections = [
    { kind: 'audio', mid: 'a' },
    { kind: 'video', mid: 'v' },
  ] as const
  const dataOf = (...layers: AvailableLayer[]) => whepLayers([{ mid: 'v', layers }], sections)

  it('has an entry for each simulcast layer, without a bitrate where it is not active', () => {
    expect(
      dataOf(
        { rid: 'l', live: true, bitrateBps: 1234.5, width: 320, height: 180, sublayers: [] },
        { rid: 'h', live: false, bitrateBps: 5000, sublayers: [] },
        { rid: 'x', live: true, sublayers: [] },
      ),
    ).toEqual({ '1': [{ rid: 'l', bitrate: 1235, width: 320, height: 180 }, { rid: 'h' }, { rid: 'x' }] })
  })

  it('names at least the layers 0 where there is only one', () => {
    expect(dataOf({ live: true, bitrateBps: 10, sublayers: [] })).toEqual({
      '1': [{ spatialLayerId: 0, temporalLayerId: 0, bitrate: 10 }],
    })
  })

  it('has an entry for each spatial and temporal layer, each spatial one half the size of the next', () => {
    const sublayers = [
      { spatialId: 0, temporalId: 0, bitrateBps: 100 },
      { spatialId: 1, temporalId: 0, bitrateBps: 300 },
      { spatialId: 1, temporalId: 1, bitrateBps: 400 },
    ]
    expect(dataOf({ rid: 'f', live: true, bitrateBps: 400, width: 1280, height: 720, sublayers })).toEqual({
      '1': [
        { rid: 'f', spatialLayerId: 0, temporalLayerId: 0, bitrate: 100, width: 640, height: 360 },
        { rid: 'f', spatialLayerId: 1, temporalLayerId: 0, bitrate: 300, width: 1280, height: 720 },
        { rid: 'f', spatialLayerId: 1, temporalLayerId: 1, bitrate: 400, width: 1280, height: 720 },
      ],
    })
  })

  it('leaves out m-lines without layers, and sections that are not in the answer', () => {
    expect(dataOf()).toEqual({})
    expect(whepLayers([{ mid: 'x', layers: [{ live: true, sublayers: [] }] }], sections)).toEqual({})
  })
})
