/** Audio in a real Chromium: redundant or not, it is heard by viewers with and without it, and who speaks is noticed. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import type { Session } from '../../src/broadcast/session.js'
import { launchChromium } from '../support/browser.js'
import { waitFor } from '../support/wait-for.js'

const broadcast = new Broadcast({ workers: 0, listenIps: '127.0.0.1' })
let browser: Browser
let web: Server

beforeAll(async () => {
  web = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><audio autoplay></audio>')
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await broadcast.close()
  web.close()
  web.closeAllConnections()
})

/** What the pages keep at hand. */
interface Kept {
  connection: RTCPeerConnection
  setLoudness(gain: number): void
}

async function openPage(): Promise<Page> {
  const page = await (await browser.newContext({ permissions: ['microphone'] })).newPage()
  await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`)
  return page
}

async function accept(page: Page, sdp: string): Promise<void> {
  await page.evaluate((answer) => {
    return (window as unknown as Kept).connection.setRemoteDescription({ type: 'answer', sdp: answer })
  }, sdp)
}

/** A publisher with a tone in place of a microphone, silent at first. */
async function publish(as: string, prefersRed: boolean): Promise<Page> {
  const page = await openPage()
  const offer = await page.evaluate(async (red) => {
    const audio = new AudioContext()
    const tone = new OscillatorNode(audio, { frequency: 440 })
    const gain = new GainNode(audio, { gain: 0 })
    const out = new MediaStreamAudioDestinationNode(audio)
    tone.connect(gain).connect(out)
    tone.start()
    const connection = new RTCPeerConnection()
    Object.assign(window, { connection, setLoudness: (value: number) => (gain.gain.value = value) })
    const [track] = out.stream.getAudioTracks()
    const transceiver = connection.addTransceiver(track as MediaStreamTrack, { direction: 'sendonly' })
    if (red) {
      const codecs = RTCRtpSender.getCapabilities('audio')?.codecs ?? []
      const isRed = ({ mimeType }: { mimeType: string }) => mimeType.toLowerCase() === 'audio/red'
      transceiver.setCodecPreferences([...codecs.filter(isRed), ...codecs.filter((codec) => !isRed(codec))])
    }
    await connection.setLocalDescription()
    return connection.localDescription?.sdp ?? ''
  }, prefersRed)
  await accept(page, (await broadcast.addPublisher(offer, { as })).sdp)
  return page
}

function setLoudness(page: Page, gain: number): Promise<void> {
  return page.evaluate((value) => (window as unknown as Kept).setLoudness(value), gain)
}

async function view(knowsRed: boolean): Promise<{ page: Page; session: Session }> {
  const page = await openPage()
  const offer = await page.evaluate(async (red) => {
    const connection = new RTCPeerConnection()
    Object.assign(window, { connection })
    const transceiver = connection.addTransceiver('audio', { direction: 'recvonly' })
    if (!red) {
      const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? []
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType.toLowerCase() !== 'audio/red'))
    }
    const element = document.querySelector('audio') as HTMLAudioElement
    element.srcObject = new MediaStream([transceiver.receiver.track])
    await connection.setLocalDescription()
    return connection.localDescription?.sdp ?? ''
  }, knowsRed)
  const { sdp, session } = await broadcast.addViewer(offer)
  await accept(page, sdp)
  return { page, session }
}

/** How much sound the page's receiver has played so far. */
function energy(page: Page): Promise<number> {
  return page.evaluate(async () => {
    for (const report of (await (window as unknown as Kept).connection.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'audio') return report.totalAudioEnergy ?? 0
    }
    return 0
  })
}

it('plays redundant audio with and without the redundancy, and notices who speaks', async () => {
  const alice = await publish('alice', true)
  const bob = await publish('bob', false)
  const knowing = await view(true)
  const plain = await view(false)
  for (const { session } of [knowing, plain]) await session.selectPublishers(['alice'])

  await setLoudness(alice, 0.2)
  for (const [what, viewer, codec] of [
    ['with red', knowing, 'red'],
    ['without red', plain, 'opus'],
  ] as const) {
    const codecOf = async () => (await viewer.session.stats())?.egress?.tracks[0]?.codec
    await waitFor(`the viewer ${what} is sent ${codec}`, async () => (await codecOf()) === codec)
    const before = await energy(viewer.page)
    await waitFor(`the viewer ${what} hears it`, async () => (await energy(viewer.page)) > before + 0.01)
  }

  const speaks = (as: string | undefined) => () => broadcast.activeSpeaker?.as === as
  await waitFor('alice speaks', speaks('alice'))
  await setLoudness(bob, 0.9)
  await setLoudness(alice, 0.05)
  await waitFor('bob speaks, louder', speaks('bob'))
  await setLoudness(alice, 0)
  await setLoudness(bob, 0)
  await waitFor('nobody speaks', speaks(undefined))

  // The other publisher sends Opus alone, which both take.
  for (const { session } of [knowing, plain]) await session.selectPublishers(['bob'])
  await setLoudness(bob, 0.3)
  for (const { page, session } of [knowing, plain]) {
    const before = await energy(page)
    await waitFor('bob is heard', async () => (await energy(page)) > before + 0.01)
    expect((await session.stats())?.egress?.tracks[0]?.codec).toBe('opus')
  }
})
