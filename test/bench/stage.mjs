/** A server of ours with one worker thread, and a process of scripted clients: what the benches of one server begin with. */
import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { SERVERS } from './servers/index.mjs'

const TIMEOUT_MS = 60_000
const JOIN_MS_PER_VIEWER = 300

/** Starts both. `whip` and `whep` are addresses of the server. */
export async function setStage() {
  const { argv, whip, whep } = SERVERS.manycast
  const server = new Child('manycast', 'server', argv({ workers: '1' }), { ipc: true })
  const origin = `http://127.0.0.1:${(await server.ready()).port}`
  const audience = await startClient('publisher and viewers', 'load-client')
  return {
    origin,
    whip: origin + whip,
    whep: origin + whep,
    audience,
    /** The server's CPU time and memory. */
    usage: () => server.request('usage', {}, TIMEOUT_MS),
    publish: (stream) => audience.request('publish', { url: origin + whip, srtp: 'both', stream }, TIMEOUT_MS),
    /** Resolves when `count` viewers have joined; one packet in `sampleEvery` is decrypted. */
    join: (count, sampleEvery) => {
      const request = { url: origin + whep, srtp: 'both', count, parallel: 4, sampleEvery }
      return audience.request('join', request, TIMEOUT_MS + JOIN_MS_PER_VIEWER * count)
    },
  }
}

/** A process of `clients/`, ready to be asked. */
export async function startClient(title, name) {
  const script = fileURLToPath(new URL(`./clients/${name}.mjs`, import.meta.url))
  const child = new Child(title, 'client', [process.execPath, script], { ipc: true })
  await child.ready()
  return child
}

/**
 * What server and audience have done while `meanwhile` ran: `before` and `after` are the audience's counts, `cpuPercent` shares of a core, `usage` the server's
 * at both ends, `result` what `meanwhile` resolved with.
 */
export async function observe({ usage, audience }, meanwhile) {
  const [usedBefore, before] = await Promise.all([usage(), audience.request('open', {}, TIMEOUT_MS)])
  const result = await meanwhile()
  const [usedAfter, after] = await Promise.all([usage(), audience.request('close', {}, TIMEOUT_MS)])
  const percent = (us) => us / (after.atMs - before.atMs) / 10
  return {
    result,
    before,
    after,
    usedBefore,
    usedAfter,
    serverCpuPercent: percent(usedAfter.cpuUs - usedBefore.cpuUs),
    clientCpuPercent: percent(after.cpuUs - before.cpuUs),
  }
}
