/** The packets of containers as packetizers want frames. */
import { annexBUnits } from '../../media/payload/annex-b.js'
import { AccessUnits } from './access-units.js'
import {
  type DecoderConfiguration,
  lengthPrefixedUnits,
  readAvcConfiguration,
  readHevcConfiguration,
} from './decoder-configuration.js'
import { fileUnreadable } from './media-file.js'
import type { ContainerPacket } from './mediabunny.js'
import { NAL_FORMATS } from './nal-format.js'
import type { PlayableTrack } from './playable-track.js'

/** Makes the data of one frame. To be asked for every packet in turn. Throws `file-unreadable`. */
export type PacketData = (packet: ContainerPacket) => Uint8Array

/** That of a track of the file `path`. Throws `file-unreadable` if its decoder configuration is malformed. */
export function packetData(path: string, { name, config }: PlayableTrack): PacketData {
  if (name !== 'H264' && name !== 'H265') return ({ data }) => data
  const description = config?.description
  const configuration = description && readConfiguration(name, bytesOf(description))
  if (description !== undefined && configuration === undefined) {
    throw fileUnreadable(path, `the decoder configuration of its ${name} video is broken`)
  }
  const accessUnits = new AccessUnits(NAL_FORMATS[name], configuration?.parameterSets)
  return ({ data, type }) => {
    const units = configuration ? lengthPrefixedUnits(data, configuration.lengthSize) : annexBUnits(data)
    if (units === undefined) throw fileUnreadable(path, `a frame of its ${name} video is broken`)
    return accessUnits.join(units, type === 'key')
  }
}

function readConfiguration(name: 'H264' | 'H265', bytes: Uint8Array): DecoderConfiguration | undefined {
  return name === 'H264' ? readAvcConfiguration(bytes) : readHevcConfiguration(bytes)
}

function bytesOf(description: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(description)) return new Uint8Array(description)
  return new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
}
