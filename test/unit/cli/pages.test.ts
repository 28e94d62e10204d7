import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pages } from '../../../src/cli/pages.js'

const folder = new URL('../../../src/cli/pages/', import.meta.url)
const get = (path: string, init: RequestInit = {}) => pages()(new Request(`http://localhost${path}`, init))

it.each([
  ['/', 'text/html; charset=utf-8'],
  ['/publish/main', 'text/html; charset=utf-8'],
  ['/watch/a.b~c_d-e', 'text/html; charset=utf-8'],
  ['/assets/style.css', 'text/css; charset=utf-8'],
  ['/assets/publish.js', 'text/javascript; charset=utf-8'],
  ['/assets/icon.svg', 'image/svg+xml'],
  ['/client/index.js', 'text/javascript; charset=utf-8'],
])('serves %s as %s', async (path, type) => {
  const response = await get(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe(type)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await response.text()).length).toBeGreaterThan(50)
})

it.each([
  '/index.html',
  '/publish',
  '/publish/',
  '/publish/a/b',
  '/publish/a%20b',
  '/watch/%2e%2e%2fx',
  '/assets/',
  '/assets/index.html',
  '/assets/../pages.ts',
  '/assets/..%2fpages.ts',
  '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  '/assets/..\\pages.ts',
  '//assets/style.css',
  '/client/',
  '/client/index.d.ts',
  '/client/../cli/main.js',
  '/nothing',
])('answers %s with a page that says 404', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('<h1>There is nothing here</h1>')
})

it('has a dashboard only where it is served', async () => {
  expect((await get('/dashboard')).status).toBe(404)
  const served = await pages({ dashboard: true })(new Request('http://localhost/dashboard'))
  expect(served.status).toBe(200)
  expect(served.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
})

it('answers 304 to who has the page already', async () => {
  const etag = (await get('/')).headers.get('etag') ?? ''
  expect(etag).toMatch(/^".+"$/)
  expect((await get('/', { headers: { 'if-none-match': etag } })).status).toBe(304)
  expect((await get('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
})

it('may talk to other servers only where clients are sent there', async () => {
  const policyOf = async (elsewhere: boolean) => {
    const response = await pages({ elsewhere })(new Request('http://x.test/watch/main'))
    return response.headers.get('content-security-policy')
  }
  expect(await policyOf(false)).toContain("connect-src 'self';")
  expect(await policyOf(true)).toContain("connect-src 'self' http: https:;")
})

it('takes GET and HEAD only', async () => {
  expect((await get('/', { method: 'HEAD' })).status).toBe(200)
  expect((await get('/', { method: 'POST' })).status).toBe(405)
})

it('names the modules of the client to the pages that use it, every one', async () => {
  const link = (await get('/watch/main')).headers.get('link') ?? ''
  const named = [...link.matchAll(/<([^>]+)>; rel="modulepreload"/g)].map(([, path]) => path as string)
  expect(named).toContain('/client/index.js')
  for (const path of named) {
    const text = await (await get(path)).text()
    for (const [, file] of text.matchAll(/from '\.\/([^']+)'/g)) expect(named).toContain(`/client/${file}`)
  }
  expect((await get('/publish/main')).headers.get('link')).toBe(link)
  expect((await get('/')).headers.get('link')).toBeNull()
})

describe('the files', () => {
  const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

  it('refer only to files that exist', async () => {
    const missing: string[] = []
    for (const { name, text } of files) {
      const absolute = [...text.matchAll(/["'](\/(?:assets|client)\/[^"']+)["']/g)].map(([, path]) => path as string)
      const relative = [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, file]) => `/assets/${file}`)
      for (const path of [...absolute, ...relative]) {
        if ((await get(path)).status !== 200) missing.push(`${name}: ${path}`)
      }
    }
    expect(missing).toEqual([])
  })

  it('load nothing from elsewhere and keep to the content security policy', () => {
    const bad = files.filter(
      ({ name, text }) =>
        /(?:src|href)="https?:/.test(text) ||
        / style="| on[a-z]+="|<style|<script(?! type="module" src=)/.test(text) ||
        (name.endsWith('.js') && /innerHTML|eval\(/.test(text)),
    )
    expect(bad.map(({ name }) => name)).toEqual([])
  })

  it('have the elements that their scripts ask for', () => {
    for (const page of ['index', 'publish', 'watch', 'dashboard']) {
      const html = files.find(({ name }) => name === `${page}.html`)?.text ?? ''
      const script = files.find(({ name }) => name === `${page}.js`)?.text ?? ''
      const ids = [...script.matchAll(/element\('([a-z-]+)'\)/g)].map(([, id]) => id)
      expect(ids.length).toBeGreaterThan(0)
      for (const id of ids) expect(html, `${page}: ${id}`).toContain(`id="${id}"`)
    }
  })
})
