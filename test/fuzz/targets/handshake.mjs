/**
 * Whole DTLS handshakes between our two roles with somebody on the path: each step is done to the next datagram that is on its way: passed on,
 * lost, sent twice, held back, damaged, or something else put before it. Both sides either connect with the same keys, or not at all.
 */
import { createDtlsTransport, generateDtlsIdentity } from '../../../dist/transport/dtls.js'
import { SRTP_PROFILES } from '../../../dist/transport/types.js'
import { must } from '../engine/oracles.mjs'
import { mutateSteps, readSteps, writeSteps } from '../engine/steps.mjs'

const DO = { pass: 0, lose: 1, repeat: 2, hold: 3, damage: 4, inject: 5, timeout: 6 }
const KINDS = Object.keys(DO).length
const identities = { client: await generateDtlsIdentity(), server: await generateDtlsIdentity() }
const other = { client: 'server', server: 'client' }

const nothing = Buffer.alloc(0)
const seeds = () => [
  writeSteps(Array.from({ length: 6 }, () => [DO.pass, nothing])),
  writeSteps([
    [DO.pass, nothing],
    [DO.lose, nothing],
    [DO.timeout, nothing],
    [DO.repeat, nothing],
    [DO.hold, nothing],
  ]),
  ...[0, 1, 2, 3, 4, 5].map((at) =>
    writeSteps([
      ...Array.from({ length: at }, () => [DO.pass, nothing]),
      [DO.damage, Buffer.from([0, 40, 1])],
      [DO.pass, nothing],
    ]),
  ),
  writeSteps([
    [DO.inject, Buffer.from('15fefd0000000000000007000200020a'.slice(0, 30), 'hex')],
    [DO.pass, nothing],
  ]),
]

class Timers {
  #timers = []
  setTimer(_delayMs, fn) {
    const timer = { fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }
  fire() {
    for (const { fn } of this.#timers.splice(0)) fn()
  }
}

/** Lets the promises of a handshake run. */
async function settle(onTheWay) {
  for (let quiet = 0; quiet < 4; ) {
    const before = onTheWay.length
    await new Promise((resolve) => setImmediate(resolve))
    quiet = onTheWay.length === before ? quiet + 1 : 0
  }
}

/** Passes on what is on the way, as the step says. */
function deliver(what, data, onTheWay, sides) {
  if (what === DO.inject) {
    for (const side of Object.values(sides)) side.transport.receive(Buffer.from(data))
    return false
  }
  const next = onTheWay.shift()
  if (next === undefined) return false
  const to = sides[next.to].transport
  const bytes = Buffer.from(next.bytes)
  if (what === DO.hold) onTheWay.push(next)
  else if (what === DO.damage && bytes.length > 0 && data.length > 2) {
    const at = data.readUInt16BE(0) % bytes.length
    bytes[at] ^= data[2]
    to.receive(bytes)
    return data[2] !== 0
  } else if (what !== DO.lose) to.receive(bytes)
  if (what === DO.repeat) to.receive(Buffer.from(next.bytes))
  return false
}

async function run(createDtls, input) {
  const timers = new Timers()
  const onTheWay = []
  const sides = {}
  let sent = 0
  for (const role of ['client', 'server']) {
    const side = { keys: [], ends: [] }
    sides[role] = side
    side.transport = createDtls(
      {
        role,
        identity: identities[role],
        remoteFingerprints: [identities[other[role]].fingerprint],
        srtpProfiles: SRTP_PROFILES,
        send: (datagram) => {
          sent++
          if (onTheWay.length < 64) onTheWay.push({ to: other[role], bytes: Buffer.from(datagram) })
        },
        onConnected: (keys) => side.keys.push(keys),
        onEnd: (end) => side.ends.push(end),
      },
      timers,
    )
  }
  sides.server.transport.start()
  sides.client.transport.start()
  await settle(onTheWay)
  let received = 0
  for (const [what, data] of readSteps(input).slice(0, 24)) {
    received++
    if (what % KINDS === DO.timeout) timers.fire()
    else deliver(what % KINDS, data, onTheWay, sides)
    await settle(onTheWay)
  }
  for (const { keys, ends } of Object.values(sides)) {
    must(keys.length <= 1 && ends.length <= 1, 'a handshake is over once')
  }
  must(sent < 16 * (received + 4), 'what is sent is in proportion to what came')
  const [client] = sides.client.keys
  const [server] = sides.server.keys
  if (client && server) {
    must(client.profile === server.profile && client.profile === SRTP_PROFILES[0], 'the best profile that both know')
    must(
      client.localKey.equals(server.remoteKey) && client.remoteKey.equals(server.localKey),
      'both have the same keys',
    )
    must(client.localSalt.equals(server.remoteSalt) && client.remoteSalt.equals(server.localSalt), 'and salts')
  }
  for (const { transport } of Object.values(sides)) transport.close()
}

/** The target for associations of that making. */
export const handshakeTarget = (createDtls) => ({
  seeds,
  mutate: mutateSteps,
  maxLength: 2000,
  run: (input) => run(createDtls, input),
})

export const target = handshakeTarget(createDtlsTransport)
