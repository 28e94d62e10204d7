/** RTP headers, their extensions in both forms, retransmissions and redundant audio. */
import { readAudioLevel } from '../../../dist/media/audio/audio-level.js'
import { ExtensionWriter } from '../../../dist/rtp/extension-writer.js'
import { ExtensionElement, extensionElementLength, findExtension } from '../../../dist/rtp/header-extension.js'
import { primaryBlockOffset, setBlockPayloadTypes } from '../../../dist/rtp/red.js'
import { RtpHeader } from '../../../dist/rtp/rtp-header.js'
import { readOriginalSeq, restoreOriginal } from '../../../dist/rtp/rtx.js'
import { classifyDatagram } from '../../../dist/transport/udp/classify-datagram.js'
import { mutateBytes } from '../engine/mutate-bytes.mjs'
import { must, readInTwoPlaces } from '../engine/oracles.mjs'

const header = new RtpHeader()
const again = new RtpHeader()
const element = new ExtensionElement()
const writer = new ExtensionWriter()
const written = Buffer.alloc(2048)

const HEAD = '80e0123400005678000012ab'
const seeds = () =>
  [
    `${HEAD}0102030405060708`,
    // One-byte and two-byte extensions, CSRCs, padding.
    `90e0123400005678000012abbede000310aa40311042b1beef0000000102030405`,
    `90e0123400005678000012ab100000030a01aa0bff000c04010203040102030405060708`,
    `b2e0123400005678000012ab0000000100000002bede000110aa00001111111111111104`,
    // Redundant audio, and a retransmission.
    `806f123400005678000012abef00280aef00500a6f${'ab'.repeat(30)}`,
    `8061123400005678000012ab00420102030405060708`,
  ].map((hex) => Buffer.from(hex, 'hex'))

function run(input) {
  readInTwoPlaces(input, (buffer, start, end, note) => {
    note(classifyDatagram(buffer, start, end))
    const accepted = header.parse(buffer, start, end)
    note(accepted)
    if (!accepted) return
    const padding = header.parsePadding(buffer, start, end)
    const payload = start + header.headerLength
    must(payload <= end && padding <= end - payload, 'header and padding fit the packet')
    note(header.headerLength, header.seq, header.ssrc, header.timestamp, header.payloadType, header.marker, padding)
    readElements(buffer, end, note)
    if (padding < 0) return
    const payloadEnd = end - padding
    for (const payloadType of [63, 111]) {
      const primary = primaryBlockOffset(buffer, payload, payloadEnd, payloadType)
      must(primary === -1 || (primary > payload && primary < payloadEnd), 'the primary block lies within the payload')
      note(primary < 0 ? -1 : primary - start)
    }
    const osn = readOriginalSeq(buffer, payload, payloadEnd)
    note(osn)
    if (osn < 0) return
    setBlockPayloadTypes(buffer, payload + 2, payloadEnd, 111)
    const restored = restoreOriginal(buffer, start, header.headerLength, 96, 0x4242)
    must(again.parse(buffer, restored, end), 'the original of a retransmission is a packet')
    must(again.seq === osn && again.ssrc === 0x4242 && again.payloadType === 96, 'with the original numbers')
    must(again.headerLength === header.headerLength, 'and the same header')
  })
}

/** Reads all elements, and writes them anew: they must come back. */
function readElements(buffer, end, note) {
  writer.reset()
  const elements = []
  element.reset(header)
  for (let count = 0; element.next(buffer); count++) {
    must(count <= header.extensionLength, 'elements come to an end')
    const { id, offset, length } = element
    must(offset + length <= header.extensionOffset + header.extensionLength, 'an element lies within the block')
    must(offset + length <= end && id > 0, 'and within the packet')
    note(id, length, buffer.toString('hex', offset, offset + length))
    if (writer.add(id, buffer, offset, length)) elements.push([id, buffer.toString('hex', offset, offset + length)])
    const first = findExtension(buffer, header, id)
    must(first > 0 && first <= offset, 'the first element of that id is found')
    must(extensionElementLength(buffer, header, first) <= header.extensionLength, 'with its length')
  }
  note(readAudioLevel(buffer, header, 1))
  const length = writer.blockLength
  must(writer.write(written, 12) === length && length % 4 === 0, 'a block is as long as it says')
  if (length === 0) return
  written.write('90600001000000000000', 0, 'hex')
  must(again.parse(written, 0, 12 + length), 'a block that was written is one')
  element.reset(again)
  for (const [id, data] of elements) {
    must(element.next(written), 'no element is lost')
    const { offset } = element
    must(element.id === id && written.toString('hex', offset, offset + element.length) === data, 'none is changed')
  }
  must(!element.next(written), 'none is added')
}

export const target = { seeds, mutate: mutateBytes, maxLength: 1500, run }
