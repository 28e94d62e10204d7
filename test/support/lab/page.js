/**
 * What runs in a page of the lab: a publisher or a viewer that is told what to do, and notes what it sees. All times are in milliseconds since
 * the Unix epoch. `globalThis.lab` is the way in.
 */
import { createIndexReader } from './frame-index.js'

const nowMs = () => performance.timeOrigin + performance.now()

let connection
let stream
let sampler
const samples = []
const frames = []
/** When the transport was up, i.e. ICE and DTLS; undefined before. */
let connectedMs
/** When the first frame came out of the decoder; undefined before. */
let decodedMs

function open() {
  connection?.close()
  connection = new RTCPeerConnection()
  connectedMs = undefined
  decodedMs = undefined
  connection.addEventListener('connectionstatechange', () => {
    if (connection.connectionState === 'connected') connectedMs ??= nowMs()
  })
}

async function offer() {
  await connection.setLocalDescription()
  return connection.localDescription.sdp
}

const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'

/** Offers the dependency descriptor, which browsers know but offer only where they think that they need it; or does not. */
function offerDescriptor(transceiver, wanted) {
  if (wanted === undefined) return
  const direction = wanted ? 'sendrecv' : 'stopped'
  const extensions = transceiver.getHeaderExtensionsToNegotiate()
  transceiver.setHeaderExtensionsToNegotiate(
    extensions.map((extension) => (extension.uri === DESCRIPTOR ? { ...extension, direction } : extension)),
  )
}

/** Offers only that codec and what belongs to repairs. */
function offerCodec(transceiver, name) {
  if (name === undefined) return
  const { codecs } = RTCRtpSender.getCapabilities('video')
  transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => [`video/${name}`, 'video/rtx'].includes(mimeType)))
}

/** Opens the fake devices and makes a publisher's offer. */
async function publish({ audio, video, encodings, codec, descriptor }) {
  open()
  stream ??= await navigator.mediaDevices.getUserMedia({ audio, video })
  for (const track of stream.getTracks()) {
    const isVideo = track.kind === 'video'
    const init = { direction: 'sendonly', streams: [stream] }
    const transceiver = connection.addTransceiver(
      track,
      isVideo && encodings ? { ...init, sendEncodings: encodings } : init,
    )
    const { sender } = transceiver
    if (isVideo) {
      offerCodec(transceiver, codec)
      offerDescriptor(transceiver, descriptor)
    }
    // An encoder that is short of time may skip frames; other sizes would be taken for other layers.
    if (isVideo) await sender.setParameters({ ...sender.getParameters(), degradationPreference: 'maintain-resolution' })
  }
  return offer()
}

/** Makes a viewer's offer; what comes is played in the page's video element. */
function watch({ audio, video, readIndex, descriptor }) {
  play(readIndex)
  if (audio) connection.addTransceiver('audio', { direction: 'recvonly' })
  if (video) offerDescriptor(connection.addTransceiver('video', { direction: 'recvonly' }), descriptor)
  return offer()
}

/** Answers a publisher's offer without a server in between, for comparison. */
async function watchDirectly(sdp) {
  play(false)
  await connection.setRemoteDescription({ type: 'offer', sdp })
  await connection.setLocalDescription(await connection.createAnswer())
  return gathered()
}

function play(readIndex) {
  open()
  const element = document.querySelector('video')
  element.srcObject = new MediaStream()
  connection.addEventListener('track', ({ track }) => {
    element.srcObject.addTrack(track)
    if (track.kind === 'video') void noteFirst(track.clone())
  })
  noteFrames(element, readIndex ? createIndexReader() : () => -1)
}

async function noteFirst(track) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader()
  const { value } = await reader.read()
  decodedMs ??= nowMs()
  value?.close()
  track.stop()
}

/** The local description once all candidates are in it. */
async function gathered() {
  while (connection.iceGatheringState !== 'complete') {
    await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }))
  }
  return connection.localDescription.sdp
}

function noteFrames(element, indexOf) {
  const watched = connection
  const note = (_, { presentationTime, rtpTimestamp, width, height }) => {
    if (connection !== watched) return
    frames.push({
      atMs: performance.timeOrigin + presentationTime,
      notedMs: nowMs(),
      rtpTimestamp,
      width,
      height,
      index: indexOf(element),
    })
    element.requestVideoFrameCallback(note)
  }
  element.requestVideoFrameCallback(note)
}

async function accept(sdp) {
  await connection.setRemoteDescription({ type: 'answer', sdp })
}

/** Notes the statistics of everything received, now and at that interval. */
function startSampling(intervalMs) {
  clearInterval(sampler)
  sampler = setInterval(sample, intervalMs)
}

async function sample() {
  const { connection: _, ...all } = await received()
  samples.push(all)
}

/** The statistics of the streams that are received, by kind. */
async function received() {
  const atMs = nowMs()
  const reports = [...(await connection.getStats()).values()].filter(({ type }) => type === 'inbound-rtp')
  const of = (kind) => {
    const report = reports.find((one) => one.kind === kind)
    return report === undefined ? undefined : pick(report)
  }
  return { atMs, tookMs: nowMs() - atMs, audio: of('audio'), video: of('video') }
}

/** The statistics of the video that is sent, of each encoding. */
async function sent() {
  const reports = [...(await connection.getStats()).values()]
  return reports.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video')
}

const FIELDS = [
  'bytesReceived',
  'headerBytesReceived',
  'retransmittedBytesReceived',
  'packetsReceived',
  'packetsLost',
  'nackCount',
  'pliCount',
  'framesReceived',
  'framesDecoded',
  'framesDropped',
  'keyFramesDecoded',
  'frameWidth',
  'frameHeight',
  'freezeCount',
  'totalFreezesDuration',
  'jitterBufferDelay',
  'jitterBufferEmittedCount',
  'totalDecodeTime',
  'estimatedPlayoutTimestamp',
]

function pick(report) {
  return Object.fromEntries(FIELDS.flatMap((field) => (report[field] === undefined ? [] : [[field, report[field]]])))
}

/** What was noted since the last time. */
function take() {
  return { connectedMs, decodedMs, samples: samples.splice(0), frames: frames.splice(0) }
}

function close() {
  clearInterval(sampler)
  connection?.close()
  connection = undefined
}

globalThis.lab = { publish, watch, watchDirectly, gathered, accept, startSampling, received, sent, take, close }
