import { describe, expect, it } from 'vitest'
import { metricsScene } from '../../support/metrics-scene.js'
import { readExposition } from '../../support/open-metrics.js'

const TOKEN = 'a token of 16 and more'.replaceAll(' ', '-')
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Request(`http://localhost${path}`, { method, headers })

describe('/metrics', () => {
  it('is in the format that is asked for', async () => {
    const { handler } = metricsScene().metrics
    const plain = await handler(get('/metrics'))
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    readExposition(await plain.text(), 'prometheus')
    const open = await handler(get('/metrics', { accept: 'application/openmetrics-text; version=1.0.0' }))
    expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(open.headers.get('vary')).toBe('accept')
    readExposition(await open.text(), 'openmetrics')
  })

  it('needs the token, if there is one', async () => {
    const { handler } = metricsScene({ token: TOKEN }).metrics
    const refused = await handler(get('/metrics'))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('Bearer')
    expect((await handler(get('/metrics', { authorization: `Bearer ${TOKEN}x` }))).status).toBe(401)
    expect((await handler(get('/metrics', { authorization: `Bearer ${TOKEN}` }))).status).toBe(200)
    expect((await handler(get('/healthz'))).status).toBe(200)
  })

  it('tells when there is nothing to tell', async () => {
    const { sfu, engine, metrics } = metricsScene()
    engine.summary = () => Promise.reject(new Error('gone'))
    const failed = await metrics.handler(get('/metrics'))
    expect(failed.status).toBe(500)
    expect(await failed.json()).toMatchObject({ code: 'internal-error' })
    await sfu.close()
  })

  it('knows its paths, and takes no other methods', async () => {
    const { handler } = metricsScene({ pathPrefix: '/internal' }).metrics
    expect(handler.knows(new URL('http://localhost/internal/metrics'))).toBe(true)
    expect(handler.knows(new URL('http://localhost/metrics'))).toBe(false)
    expect(handler.knows(new URL('http://localhost/internal/metrics/x'))).toBe(false)
    const refused = await handler(get('/internal/metrics', {}, 'POST'))
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await handler(get('/internal/readyz', {}, 'OPTIONS'))).status).toBe(204)
  })
})

describe('the probes', () => {
  const ask = async (scene: ReturnType<typeof metricsScene>, path: string) => {
    const response = await scene.metrics.handler(get(path))
    return { status: response.status, body: await response.json() }
  }
  const fine = { status: 200, body: { ok: true, reasons: [] } }

  it('are well while the engine answers', async () => {
    const scene = metricsScene()
    expect(await ask(scene, '/healthz')).toEqual(fine)
    expect(await ask(scene, '/readyz')).toEqual(fine)
  })

  it('are not when a thread is silent', async () => {
    const scene = metricsScene({ timeoutMs: 500 })
    scene.engine.stats = () => new Promise(() => {})
    const asked = ask(scene, '/healthz')
    scene.clock.advance(500)
    expect(await asked).toEqual({
      status: 503,
      body: { ok: false, reasons: ['the engine has not answered within 500 ms'] },
    })
  })

  it('are not when the Sfu is closed', async () => {
    const scene = metricsScene()
    await scene.sfu.close()
    expect(await ask(scene, '/healthz')).toMatchObject({ status: 503, body: { ok: false } })
    expect(await ask(scene, '/readyz')).toMatchObject({ status: 503, body: { ok: false } })
  })

  it('are not ready while it drains, though alive', async () => {
    const scene = metricsScene()
    void scene.sfu.drain({ deadlineMs: 60_000 })
    expect(await ask(scene, '/healthz')).toEqual(fine)
    expect(await ask(scene, '/readyz')).toEqual({ status: 503, body: { ok: false, reasons: ['it is draining'] } })
    expect(await scene.values('manycast_draining')).toEqual({ '': 1 })
  })

  it('are not ready while it is overloaded, and say by what', async () => {
    const scene = metricsScene()
    const load = scene.sfu.load()
    scene.sfu.load = () => ({ ...load, overloaded: true, reasons: ['CPU 97 %, at most 90 %'] })
    expect(await ask(scene, '/readyz')).toEqual({
      status: 503,
      body: { ok: false, reasons: ['overloaded: CPU 97 %, at most 90 %'] },
    })
    expect(await scene.values('manycast_overloaded')).toEqual({ '': 1 })
  })
})
