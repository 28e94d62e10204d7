/** A synthetic source for machines without a camera: color bars, moving shapes, a clock, and a beep every second. */

const WIDTH = 1280
const HEIGHT = 720
const FRAMES_PER_SECOND = 30
const BARS = ['#c8c8c8', '#c8c800', '#00c8c8', '#00c800', '#c800c8', '#c80000', '#0000c8']

/** A stream of the test picture and the way to end it. */
export async function testPicture(name) {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d', { alpha: false })
  const startMs = performance.now()
  let frame = 0
  const draw = () => drawFrame(context, name, (performance.now() - startMs) / 1000, frame++)
  draw()
  // A worker's timer goes on at full speed when the tab is in the background.
  const ticker = new Worker('/assets/tick-worker.js')
  ticker.onmessage = draw
  ticker.postMessage(1000 / FRAMES_PER_SECOND)
  const stream = canvas.captureStream(FRAMES_PER_SECOND)
  const sound = beeps()
  stream.addTrack(sound.track)
  const stop = () => {
    ticker.terminate()
    sound.stop()
    for (const track of stream.getTracks()) track.stop()
  }
  return { stream, stop }
}

function drawFrame(context, name, seconds, frame) {
  const barWidth = WIDTH / BARS.length
  BARS.forEach((color, i) => {
    context.fillStyle = color
    context.fillRect(i * barWidth, 0, barWidth + 1, HEIGHT)
  })
  drawShapes(context, seconds)
  context.fillStyle = '#101116'
  context.fillRect(WIDTH / 2 - 300, HEIGHT / 2 - 130, 600, 260)
  context.fillStyle = '#ffffff'
  context.textAlign = 'center'
  context.font = '600 40px system-ui, sans-serif'
  context.fillText(name.length > 24 ? `${name.slice(0, 23)}…` : name, WIDTH / 2, HEIGHT / 2 - 60)
  context.font = '700 92px ui-monospace, monospace'
  context.fillText(clock(new Date()), WIDTH / 2, HEIGHT / 2 + 45)
  context.font = '400 28px ui-monospace, monospace'
  context.fillText(`frame ${frame}`, WIDTH / 2, HEIGHT / 2 + 100)
}

function drawShapes(context, seconds) {
  context.fillStyle = '#ffffff'
  context.beginPath()
  context.arc(WIDTH / 2 + 560 * Math.sin(seconds * 1.3), HEIGHT / 2 + 280 * Math.cos(seconds * 1.7), 60, 0, 2 * Math.PI)
  context.fill()
  context.fillStyle = '#101116'
  context.fillRect(((seconds * 240) % (WIDTH + 80)) - 80, HEIGHT - 90, 80, 60)
  context.save()
  context.translate(150, 150)
  context.rotate(seconds * 2)
  context.fillStyle = '#5b4bff'
  context.fillRect(-60, -60, 120, 120)
  context.restore()
}

function clock(date) {
  const two = (number) => String(number).padStart(2, '0')
  const tenths = Math.floor(date.getMilliseconds() / 100)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${tenths}`
}

/** A quiet short tone at every full second. */
function beeps() {
  const audio = new AudioContext()
  const tone = new OscillatorNode(audio, { frequency: 880 })
  const volume = new GainNode(audio, { gain: 0 })
  const output = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 })
  tone.connect(volume).connect(output)
  tone.start()
  const beep = () => {
    volume.gain.setValueAtTime(0.2, audio.currentTime)
    volume.gain.setValueAtTime(0, audio.currentTime + 0.08)
  }
  const timer = setInterval(beep, 1000)
  // Without a gesture of the user there is silence until the first one, and silence is sent as well.
  audio.resume().catch(() => {})
  const stop = () => {
    clearInterval(timer)
    audio.close().catch(() => {})
  }
  return { track: output.stream.getAudioTracks()[0], stop }
}
