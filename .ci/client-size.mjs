/** What the client costs a page: `dist/client` as one minified file, gzipped. Fails above the limit. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root, say, stop } from './steps.mjs'

const LIMIT_BYTES = 6000

// The bundler that Vitest brings; nothing else here needs one.
const require = createRequire(createRequire(join(root, 'package.json')).resolve('vitest/package.json'))
const { rolldown } = await import(createRequire(require.resolve('vite/package.json')).resolve('rolldown'))

const bundle = await rolldown({ input: join(root, 'dist', 'client', 'index.js') })
const { output } = await bundle.generate({ format: 'es', minify: true, comments: false })
await bundle.close()

const code = output.map((chunk) => chunk.code).join('')
const bytes = gzipSync(code).length
say(`manycast/client: ${bytes} bytes gzipped, ${code.length} minified; at most ${LIMIT_BYTES}`)
if (bytes >= LIMIT_BYTES) stop('the client is too large')
