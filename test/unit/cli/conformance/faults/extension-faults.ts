import { at, type Fault, instead, isCreated, reply, request } from './fault.js'

const isStreamCreated = (one: Request, { status }: Response) => at.events(one) && status === 201

/** Changes the text of streams, whenever it comes. */
const events =
  (change: (text: string) => string): Fault['breaks'] =>
  (next) =>
  async (one) => {
    const response = await next(one)
    if (!at.stream(one) || response.body === null) return response
    const changed = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) =>
        controller.enqueue(new TextEncoder().encode(change(new TextDecoder().decode(chunk)))),
    })
    return new Response(response.body.pipeThrough(changed), response)
  }

const faults: readonly Omit<Fault, 'protocol'>[] = [
  {
    name: 'the link does not name the events',
    fails: ['events.announced'],
    breaks: reply(isCreated, ({ headers }) => ({
      headers: { link: headers.get('link')?.replace(/; events="[^"]*"/, '') ?? '' },
    })),
  },
  {
    name: 'a list is answered with 200 and no Location',
    fails: [
      'events.created',
      'events.stream',
      'events.one-line',
      'events.asked',
      'events.no-first-inactive',
      'events.deleted',
      'events.end',
    ],
    breaks: reply(isStreamCreated, { status: 200, headers: { location: null } }),
  },
  {
    name: 'any list is taken',
    fails: ['events.unknown'],
    breaks: request(async (one) => at.events(one) && (await one.text()).includes('no-such-event'), {
      body: () => '["active"]',
    }),
  },
  {
    name: 'anything is taken for a list',
    fails: ['events.malformed'],
    breaks: request(async (one) => at.events(one) && !(await one.text()).endsWith(']'), { body: () => '[]' }),
  },
  {
    name: 'the stream has another content type',
    fails: ['events.stream', 'events.one-line', 'events.asked', 'events.no-first-inactive', 'events.end'],
    breaks: (next) => async (one) => {
      const response = await next(one)
      if (at.stream(one) && one.method === 'GET') response.headers.set('content-type', 'text/plain')
      return response
    },
  },
  {
    name: 'data have several lines',
    fails: ['events.one-line'],
    breaks: events((text) => text.replaceAll('data: {', 'data: {\ndata: ')),
  },
  {
    name: 'data are no JSON',
    fails: ['events.one-line'],
    breaks: events((text) => text.replaceAll(/data: .*/g, 'data: 3 viewers')),
  },
  {
    name: 'everything is sent, whatever was asked for',
    fails: ['events.asked'],
    breaks: request((one) => at.events(one), { body: (text) => (text === '["inactive"]' ? '["viewercount"]' : text) }),
  },
  {
    name: 'the first word is inactive',
    fails: ['events.no-first-inactive'],
    breaks: events((text) => text.replaceAll(/^event: .*$/gm, 'event: inactive')),
  },
  {
    name: 'DELETE ends no stream',
    fails: ['events.deleted'],
    breaks: instead((one) => at.stream(one) && one.method === 'DELETE', 200),
  },
  {
    name: 'streams outlive their session',
    fails: ['events.end'],
    breaks: (next) => async (one) => {
      if (!at.stream(one) || one.method !== 'GET') return next(one)
      const response = await next(one)
      if (response.status !== 200) return response
      const endless = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(':\n\n')),
      })
      return new Response(endless, response)
    },
  },
]

export const EVENT_FAULTS: readonly Fault[] = faults.map((fault) => ({ ...fault, protocol: 'whep' }))

export const LAYER_FAULTS: readonly Fault[] = [
  {
    name: 'there are layers without events',
    fails: ['layer.events'],
    breaks: reply(isCreated, ({ headers }) => ({
      headers: { link: headers.get('link')?.replace('layers,', '') ?? '' },
    })),
  },
  {
    name: 'a selection is answered with 204',
    fails: ['layer.automatic', 'layer.default-section'],
    breaks: reply((one, { status }) => at.layer(one) && status === 200, { status: 204 }),
  },
  {
    name: 'a selection needs a mediaId',
    fails: ['layer.default-section'],
    breaks: instead(async (one) => at.layer(one) && !(await one.text()).includes('mediaId'), 400),
  },
  {
    name: 'anything is taken for a selection',
    fails: ['layer.malformed'],
    breaks: reply((one) => at.layer(one), { status: 200 }),
  },
].map((fault) => ({ ...fault, protocol: 'whep' as const }))
