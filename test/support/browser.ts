/** A real Chromium with a fake camera. `npm test` says where it is (CHROME_PATH). */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Starts it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? USUAL_PLACES.find((path) => existsSync(path))
  if (!executablePath) throw new Error('no Chromium: set CHROME_PATH, or run the tests by `npm test`, which finds one')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
}

/** How many frames the page's video element has decoded and shown. */
export function framesShown(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0)
}

/** A small picture of what the video shows now: 16 x 9 RGBA bytes. */
export function pixels(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 16
    canvas.height = 9
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    context.drawImage(document.querySelector('video') as HTMLVideoElement, 0, 0, 16, 9)
    return [...context.getImageData(0, 0, 16, 9).data]
  })
}

/** True for a picture that is not one single color. */
export function isPicture(picture: readonly number[]): boolean {
  const colors = new Set<string>()
  for (let i = 0; i < picture.length; i += 4) colors.add(picture.slice(i, i + 3).join())
  return colors.size > 3
}
