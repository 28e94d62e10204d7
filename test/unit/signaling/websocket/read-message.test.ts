import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../../src/signaling/websocket/read-message.js'

const offer = { session: 'a', broadcast: 'stage', sdp: 'v=0' }

const read = (value: unknown) => readMessage(JSON.stringify(value))

describe('a message', () => {
  it.each([
    { type: 'publish', ...offer },
    { type: 'publish', ...offer, id: 7, as: 'slides', token: 'secret' },
    { type: 'view', ...offer },
    { type: 'view', ...offer, id: 'x', requireLive: true, layer: { maxRid: 'h', maxHeight: 360, maxTemporalId: 0 } },
    { type: 'trickle', session: 'a', fragment: 'a=end-of-candidates' },
    { type: 'trickle', session: 'a', candidate: null },
    { type: 'trickle', session: 'a', candidate: { candidate: 'candidate:1', usernameFragment: 'abcd' } },
    { type: 'layer', session: 'a', layer: null },
    { type: 'layer', session: 'a', layer: { maxBitrateBps: 10_000 }, mid: '1' },
    { type: 'layers', session: 'a', watch: false },
    { type: 'bye', session: 'a' },
    { type: 'resume', resumeToken: 'x', token: 'secret' },
    { type: 'ping', id: -1 },
    { type: 'pong' },
  ])('is read as it stands: %j', (message) => {
    expect(read(message)).toEqual({ message })
  })

  it('loses what is not known, and what is null', () => {
    const more = { color: 'red', layer: { maxWidth: 640, maxRid: null, best: true }, requireLive: null }
    expect(read({ type: 'view', ...offer, ...more })).toEqual({
      message: { type: 'view', ...offer, layer: { maxWidth: 640 } },
    })
    const candidate = { candidate: '', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }
    expect(read({ type: 'trickle', session: 'a', candidate })).toEqual({
      message: { type: 'trickle', session: 'a', candidate: { candidate: '' } },
    })
  })

  it.each([
    [{ type: 'wave' }, 'type'],
    [{}, 'type'],
    [{ type: 'bye' }, 'session'],
    [{ type: 'bye', session: 'a b' }, 'session'],
    [{ type: 'bye', session: 'a'.repeat(65) }, 'session'],
    [{ type: 'bye', session: 'a', id: {} }, 'id'],
    [{ type: 'bye', session: 'a', id: '' }, 'id'],
    [{ type: 'bye', session: 'a', id: 1.5 }, 'id'],
    [{ type: 'publish', ...offer, sdp: '' }, 'sdp'],
    [{ type: 'publish', ...offer, broadcast: '..' }, 'broadcast'],
    [{ type: 'publish', ...offer, as: 'a'.repeat(129) }, 'as'],
    [{ type: 'view', ...offer, requireLive: 'yes' }, 'requireLive'],
    [{ type: 'view', ...offer, layer: [] }, 'layer'],
    [{ type: 'view', ...offer, layer: { maxHeight: 0 } }, 'maxHeight'],
    [{ type: 'view', ...offer, layer: { maxRid: 7 } }, 'maxRid'],
    [{ type: 'layer', session: 'a' }, 'layer'],
    [{ type: 'layer', session: 'a', layer: { maxSpatialId: 8 } }, 'maxSpatialId'],
    [{ type: 'trickle', session: 'a' }, 'fragment'],
    [{ type: 'trickle', session: 'a', fragment: 'x', candidate: null }, 'candidate'],
    [{ type: 'trickle', session: 'a', candidate: {} }, 'candidate'],
    [{ type: 'resume' }, 'resumeToken'],
    [[], 'message'],
    [null, 'message'],
    ['ping', 'message'],
  ])('that is wrong is refused with the name of the field: %j', (value, field) => {
    expect(read(value)).toMatchObject({ error: { code: 'request-invalid', details: { field } } })
  })

  it('that is no JSON is refused', () => {
    expect(readMessage('{')).toMatchObject({ error: { code: 'request-invalid' }, correlation: {} })
  })

  it('that is wrong can be answered to, as far as it says who it is', () => {
    expect(read({ type: 'publish', id: 3, session: 'a' })).toMatchObject({ correlation: { id: 3, session: 'a' } })
  })

  it('of any kind makes it neither throw nor return anything else', () => {
    const field = fc.constantFrom('id', 'session', 'broadcast', 'sdp', 'layer', 'candidate', 'fragment', 'mid', 'watch')
    const type = fc.constantFrom('publish', 'view', 'trickle', 'layer', 'layers', 'bye', 'resume', 'ping', '__proto__')
    const object = fc.tuple(type, fc.dictionary(field, fc.jsonValue())).map(([name, rest]) => ({ ...rest, type: name }))
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      object.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(text, (frame) => {
        const result = readMessage(frame)
        if ('error' in result) expect(result.error.code).toBe('request-invalid')
        else expect(result.message.type).toMatch(/^[a-z]+$/)
      }),
      { numRuns: 2000 },
    )
  })
})
