import { expect, it } from 'vitest'
import { readEvents } from '../../../../src/cli/conformance/event-reader.js'

function streamOf(...chunks: string[]) {
  let cancelled = false
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
    },
    cancel() {
      cancelled = true
    },
  })
  return { stream, isCancelled: () => cancelled }
}

it('reads what is complete, whatever the pieces, and lets go of the stream', async () => {
  const { stream, isCancelled } = streamOf(
    'retry: 1\n\nevent: act',
    'ive\ndata: {}\n\n:\n\ndata:a\r\ndata: b\r\n\r\nevent: x\ndata: y\n',
  )
  const { events, ended } = await readEvents(stream, 5)
  expect(events).toEqual([
    { event: 'active', data: ['{}'] },
    { event: 'message', data: ['a', 'b'] },
  ])
  expect(ended).toBe(false)
  expect(isCancelled()).toBe(true)
})

it('stops at what is enough, and knows the end', async () => {
  const text = 'event: a\ndata: 1\n\nevent: b\ndata: 2\n\n'
  const { events } = await readEvents(streamOf(text).stream, 60_000, (seen) => seen.length >= 1)
  expect(events).toHaveLength(2)
  const over = await readEvents(new Response(text).body as ReadableStream<Uint8Array>, 60_000)
  expect(over).toMatchObject({ ended: true, events: [{ event: 'a' }, { event: 'b' }] })
})
