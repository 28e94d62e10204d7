/** What tests look at in the pages of a real Chromium. */
import type { Page } from 'playwright-core'

export { launchChromium } from './lab/launch-chromium.mjs'

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
