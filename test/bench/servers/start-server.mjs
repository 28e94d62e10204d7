/** A server of the bench as a fresh process: on a free port, ready to be asked. */
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from '../child.mjs'

/**
 * Starts a server on its core, or on any with the role `any`, and waits until it listens. Whoever gets it stops it.
 *
 * @param {string} name for messages
 * @param {import('./index.mjs').ServerEntry} entry
 * @param {{ workers: string, role?: 'server' | 'any' }} options
 */
export async function startServer(name, entry, { workers, role = 'server' }) {
  const port = entry.ipc ? 0 : await freePort()
  const env = Object.fromEntries(
    Object.entries(entry.env ?? {}).map(([key, value]) => [key, value.replace('{port}', String(port))]),
  )
  const server = new Child(name, role, entry.argv({ workers, port }), { ipc: entry.ipc, env })
  try {
    const announced = entry.ipc ? await server.ready() : await listening(port)
    return { server, origin: `http://127.0.0.1:${announced.port}` }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** Waits until a server answers on that port, whatever it says. */
async function listening(port) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (answered) return { port }
    await sleep(100)
  }
  throw new Error(`nothing listens on port ${port}`)
}
