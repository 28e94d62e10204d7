/** `manycast serve --rtp-in`, and the example that does the same, as processes of their own: plain RTP is watched by WHEP. */
import { afterEach, expect, it } from 'vitest'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
import { testViewer } from '../../../src/testing/test-viewer.js'
import { type CliServer, startCli } from '../../support/cli-server.js'
import { PlainSender } from '../../support/plain-sender.js'
import { waitFor } from '../../support/wait-for.js'

let server: CliServer

afterEach(async () => {
  await PlainSender.closeAll()
  server?.process.kill('SIGKILL')
})

/** Sends video and audio to the ports, and watches by offers that are posted. */
async function sendAndWatch(videoPort: number, audioPort: number, path: string): Promise<void> {
  await PlainSender.start(new SyntheticVideo({ ssrc: 7, payloadType: 96, framePackets: 2 }), videoPort)
  await PlainSender.start(new SyntheticAudio({ ssrc: 8, payloadType: 111 }), audioPort)
  const viewer = await testViewer(async (offer) => {
    const headers = { 'content-type': 'application/sdp' }
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: offer })
    expect(response.ok).toBe(true)
    return response.text()
  })
  await viewer.whenReceived({ keyframes: 1, frames: 20, audioPackets: 20 })
  expect([viewer.received.video.lost, viewer.received.audio.lost]).toEqual([0, 0])
  await viewer.close()
}

it('the command takes plain RTP into a broadcast, and says how to send it', async () => {
  server = await startCli(['--rtp-in', 'cam=0:vp8', '--rtp-in', 'cam=0:opus'])
  const ports = /RTP in {4}cam: VP8 at port (\d+), opus at port (\d+) of this machine/
  await waitFor('the lines', () => ports.test(server.output()) && server.output().includes('gst-launch-1.0 '))
  const [, video, audio] = ports.exec(server.output()) ?? []
  expect(server.output()).toContain(`rtp://127.0.0.1:${video}?pkt_size=1200`)
  await sendAndWatch(Number(video), Number(audio), '/whep/cam')
  expect(await server.stop()).toBe(0)
})

it('the command says which port it cannot open', async () => {
  server = await startCli(['--rtp-in', 'cam=0:vp8'])
  await waitFor('the port', () => /at port \d+/.test(server.output()))
  const [, port] = /at port (\d+)/.exec(server.output()) ?? []
  await expect(startCli(['--rtp-in', `cam=${port}:vp8`])).rejects.toThrow(
    `exited with 1: manycast: port ${port} of 127.0.0.1 cannot be opened for plain RTP`,
  )
})

it('ffmpeg-in does the same in an application', async () => {
  server = await startCli([], 'examples/ffmpeg-in/server.mjs')
  await waitFor('the lines', () => server.output().includes('gst-launch-1.0 '))
  const [video, audio] = [...server.output().matchAll(/rtp:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))
  expect(await (await fetch(server.url)).text()).toContain('<video')
  await sendAndWatch(video ?? 0, audio ?? 0, '/')
  expect(server.output()).toContain('track 0 comes from 127.0.0.1:')
  expect(await server.stop('SIGINT')).toBe(0)
})
