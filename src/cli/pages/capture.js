/** Where a publisher's media come from: camera, screen, or a synthetic test picture. */
import { testPicture } from './test-picture.js'

/** What went wrong, in words for people. */
export class CaptureError extends Error {}

const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }

/** A stream of 'camera', 'screen' or 'test' and the way to end it. Rejects with a CaptureError. */
export async function capture(source, name) {
  if (source === 'test') return testPicture(name)
  if (navigator.mediaDevices === undefined) {
    throw new CaptureError(
      'The browser gives camera and screen to pages on localhost or over HTTPS only. Choose the test picture.',
    )
  }
  const stream = await (source === 'screen' ? captureScreen() : captureCamera())
  const stop = () => {
    for (const track of stream.getTracks()) track.stop()
  }
  return { stream, stop }
}

/** The source to begin with: the test picture where there is no camera. */
export async function defaultSource() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices()
    return devices.some((device) => device.kind === 'videoinput') ? 'camera' : 'test'
  } catch {
    return 'test'
  }
}

async function captureCamera() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: SIZE, audio: true })
  } catch (error) {
    if (error.name !== 'NotFoundError') throw inWords(error, 'camera')
  }
  try {
    // A camera without a microphone is no reason not to be seen.
    return await navigator.mediaDevices.getUserMedia({ video: SIZE })
  } catch (error) {
    throw inWords(error, 'camera')
  }
}

async function captureScreen() {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true })
    for (const track of stream.getVideoTracks()) track.contentHint = 'detail'
    return stream
  } catch (error) {
    throw inWords(error, 'screen')
  }
}

function inWords(error, what) {
  const words = {
    NotAllowedError: `The ${what} was not allowed. Allow it in the browser, or choose the test picture.`,
    NotFoundError: `There is no ${what}. Choose the test picture.`,
    NotReadableError: `The ${what} is in use by another program.`,
    AbortError: `The ${what} stopped working.`,
  }
  return new CaptureError(words[error.name] ?? `The ${what} cannot be used: ${error.message}`)
}
