/** `/layer` of a WHEP session: which layer its viewer wants. */
import type { SignalingSession } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import type { HttpReply } from '../http-reply.js'
import type { HttpRequest } from '../http-request.js'
import { emptyResponse, problemResponse } from '../responses.js'
import { readJson } from './json-body.js'
import { type LayerSelection, readLayerSelection } from './layer-selection.js'
import { refuseMethod } from './resource-methods.js'
import type { WhepExtensions } from './whep-extensions.js'
import type { WhipWhepConfig } from './whip-whep-options.js'

/** Answers there. */
export async function layerResource(
  request: HttpRequest,
  session: SignalingSession,
  extensions: WhepExtensions,
  config: WhipWhepConfig,
): Promise<HttpReply> {
  if (request.method !== 'POST') return refuseMethod(request, 'layer')
  const selection = readLayerSelection(await readJson(request, config))
  const mid = midOf(selection, extensions)
  const refusal = await refuseUnknownRid(selection, session, mid)
  if (refusal) return refusal
  await session.preferLayer(selection.preference, mid)
  return emptyResponse(200)
}

/** Throws `request-invalid`. */
function midOf({ mediaId }: LayerSelection, { sections }: WhepExtensions): string {
  const index = mediaId ?? sections.findIndex(({ kind }) => kind === 'video')
  const section = sections[index]
  if (section?.kind === 'video') return section.mid
  throw new BroadcastError(
    'request-invalid',
    `layer selection: m-line ${index < 0 ? 0 : index} is no video of the session`,
  )
}

/** A rid that nobody sends cannot be switched to; while nothing is sent, nobody knows. */
async function refuseUnknownRid(
  { preference }: LayerSelection,
  session: SignalingSession,
  mid: string,
): Promise<HttpReply | undefined> {
  const rid = preference?.maxRid
  if (rid === undefined) return undefined
  const layers = (await session.layers()).find((section) => section.mid === mid)?.layers ?? []
  if (layers.length === 0 || layers.some((layer) => layer.rid === rid)) return undefined
  const known = layers.flatMap((layer) => layer.rid ?? [])
  const error = new BroadcastError('request-invalid', 'layer selection: there is no layer of that rid', {
    details: { rids: known },
  })
  return problemResponse(error, {}, 422)
}
