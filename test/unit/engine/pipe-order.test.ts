/** Packets go through a ring, messages through a port, and the far end sees both in the order in which they were sent. */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PipeInlet } from '../../../src/engine/pipe-inlet.js'
import type { PipeDelivery } from '../../../src/engine/pipe-messages.js'
import { PipeOutlet } from '../../../src/engine/pipe-outlet.js'
import { MIN_RING_BYTES } from '../../../src/engine/pipe-ring.js'

/** A pipe whose port hands messages over when it is told to. */
class Pipe {
  readonly port: PipeDelivery[] = []
  readonly seen: string[] = []
  readonly outlet: PipeOutlet
  readonly inlet = new PipeInlet({
    onDelivery: (delivery) => this.seen.push(`message ${delivery.type === 'codec' ? delivery.index : ''}`),
    onPacket: ({ extSeq }) => this.seen.push(`packet ${extSeq}`),
    nowMs: () => 0,
  })

  constructor(maxBytes = MIN_RING_BYTES) {
    this.outlet = new PipeOutlet((message) => this.port.push(message), maxBytes)
  }

  deliver(count = Number.POSITIVE_INFINITY): void {
    for (const message of this.port.splice(0, count)) this.inlet.accept(message)
  }

  /** Rings take the place of others, which are no messages of the pipe's users. */
  get rings(): (SharedArrayBuffer | undefined)[] {
    return this.port.flatMap((message) => (message.type === 'ring' ? [message.memory] : []))
  }
}

const codec = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 } as never

function addPacket(pipe: Pipe, index: number, length = 1200): void {
  pipe.outlet.add(1, 0, 0, 0, index, Buffer.alloc(length), 0, length)
}

function addMessage(pipe: Pipe, index: number): void {
  pipe.outlet.post({ type: 'codec', channel: 1, index, codec })
}

describe('a pipe', () => {
  it('keeps the order of packets and messages, whenever either end gets its turn', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ packets: fc.integer({ min: 1, max: 150 }) }) },
      { weight: 2, arbitrary: fc.constant('message' as const) },
      { weight: 1, arbitrary: fc.constant('rest' as const) },
      { weight: 3, arbitrary: fc.record({ deliver: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const pipe = new Pipe(64 * MIN_RING_BYTES)
        const sent: string[] = []
        for (const one of steps) {
          if (one === 'turn') await turn()
          else if (one === 'rest') pipe.outlet.rest()
          else if (one === 'message') {
            addMessage(pipe, sent.length)
            sent.push(`message ${sent.length}`)
          } else if ('deliver' in one) pipe.deliver(one.deliver)
          else {
            for (let i = 0; i < one.packets; i++) {
              addPacket(pipe, sent.length)
              sent.push(`packet ${sent.length}`)
            }
          }
          expect(pipe.seen).toEqual(sent.slice(0, pipe.seen.length))
        }
        pipe.deliver()
        // The end of the writer's turn, then the reader's.
        for (let i = 0; i < 3; i++) await turn()
        pipe.deliver()
        expect(pipe.seen).toEqual(sent)
        expect([pipe.outlet.dropped, pipe.inlet.dropped]).toEqual([0, 0])
        pipe.outlet.close()
        pipe.inlet.close()
      }),
      { numRuns: 60 },
    )
  })

  it('takes a larger ring while the other end does not read, up to its limit, and counts what it then leaves out at both ends', () => {
    const pipe = new Pipe(4 * MIN_RING_BYTES + 1000)
    let sent = 0
    while (pipe.outlet.dropped < 10) addPacket(pipe, sent++)
    expect(pipe.rings.map((memory) => (memory?.byteLength ?? 0) - 128)).toEqual(
      [1, 2, 4].map((factor) => factor * MIN_RING_BYTES),
    )
    addMessage(pipe, sent)
    pipe.deliver()
    const kept = Array.from({ length: sent - 10 }, (_, i) => `packet ${i}`)
    expect(pipe.seen).toEqual([...kept, `message ${sent}`])
    expect(pipe.inlet.dropped).toBe(10)

    // There is room again, in the ring that it has.
    addPacket(pipe, 0)
    addMessage(pipe, 0)
    pipe.deliver()
    expect(pipe.seen.slice(-2)).toEqual(['packet 0', 'message 0'])
    expect(pipe.outlet.dropped).toBe(10)
    pipe.outlet.close()
    pipe.inlet.close()
  })

  it('lets go of the ring when nothing goes there, and takes another one when something does', () => {
    const pipe = new Pipe()
    pipe.outlet.rest()
    expect(pipe.port).toEqual([])
    addPacket(pipe, 1)
    pipe.outlet.rest()
    addPacket(pipe, 2)
    addMessage(pipe, 3)
    expect(pipe.rings.map((memory) => memory !== undefined)).toEqual([true, false, true])
    pipe.deliver()
    expect(pipe.seen).toEqual(['packet 1', 'packet 2', 'message 3'])
    pipe.outlet.close()
    pipe.inlet.close()
  })

  it('gives every source a number of its own', () => {
    const { outlet } = new Pipe()
    expect(new Set([1, 2, 3].map(() => outlet.openChannel())).size).toBe(3)
  })
})
