/** Serves the page on an origin of its own, so that browsers have to be allowed to talk to the server (CORS). */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Resolves to the page's URL and a way to end it. */
export async function startPageServer() {
  const html = readFileSync(new URL('page/page.html', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/page.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  })
  const script = outputFiles[0].contents
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : html)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
