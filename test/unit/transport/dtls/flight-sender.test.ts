import { describe, expect, test } from 'vitest'
import { FlightSender } from '../../../../src/transport/dtls/flight-sender.js'
import { readRecords, writeRecord } from '../../../../src/transport/dtls/record.js'
import type { TimerHost } from '../../../../src/util/clock.js'

/** Timers that fire when told to, and say how long they were to wait. */
class ManualTimers implements TimerHost {
  readonly delays: number[] = []
  #fire: (() => void) | undefined

  get armed(): boolean {
    return this.#fire !== undefined
  }

  setTimer(delayMs: number, fn: () => void): () => void {
    this.delays.push(delayMs)
    this.#fire = fn
    return () => {
      if (this.#fire === fn) this.#fire = undefined
    }
  }

  fire(): void {
    const fn = this.#fire
    this.#fire = undefined
    fn?.()
  }
}

function setUp() {
  const sent: Buffer[] = []
  const timers = new ManualTimers()
  const sender = new FlightSender((datagram) => sent.push(datagram), timers)
  return { sent, timers, sender }
}

const plain = (length: number) => writeRecord(22, 0, 999, Buffer.alloc(length, 1))
const sealed = writeRecord(22, 1, 7, Buffer.alloc(40, 2))

describe('a flight', () => {
  test('goes out in as few datagrams as hold it', () => {
    const { sent, sender } = setUp()
    sender.sendFlight([plain(500), plain(500), plain(500), sealed], -1, false)
    expect(sent.map(({ length }) => length)).toEqual([1026, 513 + sealed.length])
  })

  test('has new numbers on its plain records each time, and its protected ones as they are', () => {
    const { sent, sender } = setUp()
    sender.sendFlight([plain(10), sealed], 3, false)
    sender.repeatedByPeer(3)
    const records = readRecords(sent)
    expect(records.map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [0, 0],
      [1, 7],
      [0, 1],
      [1, 7],
    ])
    expect(sent[1]?.subarray(-sealed.length)).toEqual(sealed)
  })

  test('is only repeated when the message that it answers is', () => {
    const { sent, sender } = setUp()
    sender.sendFlight([plain(10)], 3, false)
    sender.repeatedByPeer(2)
    expect(sent).toHaveLength(1)
    sender.repeatedByPeer(3)
    expect(sent).toHaveLength(2)
    expect(sender.retransmissions).toBe(1)
  })
})

describe('a timed flight', () => {
  test('is repeated with growing waits, and not for ever', () => {
    const { sent, timers, sender } = setUp()
    sender.sendFlight([plain(10)], -1, true)
    for (let i = 0; timers.armed && i < 100; i++) timers.fire()
    expect(timers.delays).toEqual([250, 500, 1000, 2000, 2000, 2000, 2000, 2000])
    expect(sent).toHaveLength(9)
  })

  test('is not repeated once the next flight is out, or settled, or closed', () => {
    const { sent, timers, sender } = setUp()
    sender.sendFlight([plain(10)], -1, true)
    sender.sendFlight([plain(20)], -1, false)
    expect(timers.armed).toBe(false)
    sender.sendFlight([plain(10)], 5, true)
    sender.settle()
    expect(timers.armed).toBe(false)
    sender.sendFlight([plain(10)], 5, true)
    sender.close()
    expect(timers.armed).toBe(false)
    sender.repeatedByPeer(5)
    expect(sent).toHaveLength(4)
  })
})

test('a single record takes its turn in the numbering', () => {
  const { sent, sender } = setUp()
  sender.sendFlight([plain(10)], -1, false)
  sender.sendPlain(21, Buffer.from([2, 40]))
  expect(readRecords(sent).map(({ contentType, sequence }) => [contentType, sequence])).toEqual([
    [22, 0],
    [21, 1],
  ])
})
