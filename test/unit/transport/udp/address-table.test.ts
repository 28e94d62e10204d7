import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AddressTable } from '../../../../src/transport/udp/address-table.js'
import { AddressEntry } from '../../../../src/transport/udp/mux-peer.js'

test('finds exactly what was added and not removed, like a map with composed keys', () => {
  const step = fc.record({
    add: fc.boolean(),
    socket: fc.nat(1),
    ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
    port: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new AddressTable(2)
      const model = new Map<string, AddressEntry>()
      for (const { add, socket, ip, port } of steps) {
        const key = `${socket} ${ip} ${port}`
        const known = model.get(key)
        if (add && !known) {
          const entry = new AddressEntry(ip, port, 4, socket)
          table.add(entry)
          model.set(key, entry)
        } else if (!add) {
          table.remove(known ?? new AddressEntry(ip, port, 4, socket))
          model.delete(key)
        }
        expect(table.size).toBe(model.size)
      }
      for (const socket of [0, 1]) {
        for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
          for (const port of [1, 2, 3]) expect(table.find(socket, ip, port)).toBe(model.get(`${socket} ${ip} ${port}`))
        }
      }
    }),
  )
})

test('an address on an unknown socket is nobody', () => {
  expect(new AddressTable(1).find(7, '192.0.2.1', 1)).toBeUndefined()
})
