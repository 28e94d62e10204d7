/**
 * A film for Chromium's fake camera (`--use-file-for-fake-video-capture`). The built-in one is so plain that no encoder reaches its bitrate;
 * this one has a moving texture with noise, and carries the number of each frame in black and white blocks, so that a viewer can tell which
 * frame it shows.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { BLOCK_COLUMNS, BLOCK_ROWS, INDEX_BITS } from './frame-index.js'

/** Texture points are so many pixels apart, and it moves by so many of them. */
const CELL = 16
const TRAVEL_CELLS = 10
const NOISE_BYTES = 1 << 20

/**
 * Writes it.
 *
 * @param {string} path
 * @param {object} [film]
 * @param {number} [film.width]
 * @param {number} [film.height]
 * @param {number} [film.frames] after which it begins anew, without a cut
 * @param {number} [film.fps]
 * @param {number} [film.noise] of each pixel, up to this
 */
export function writeCameraFile(path, { width = 1280, height = 720, frames = 60, fps = 30, noise = 6 } = {}) {
  const random = createRandom(1)
  const columns = Math.ceil(width / CELL) + TRAVEL_CELLS + 2
  const rows = Math.ceil(height / CELL) + TRAVEL_CELLS + 2
  const texture = Float32Array.from({ length: columns * rows }, () => 60 + 120 * random())
  const noises = Int8Array.from({ length: NOISE_BYTES }, () => Math.round((random() + random() - 1) * noise))
  const luma = Buffer.alloc(width * height)
  const chroma = Buffer.alloc((width * height) / 2, 128)

  const file = openSync(path, 'w')
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`)
  for (let index = 0; index < frames; index++) {
    const angle = (2 * Math.PI * index) / frames
    const left = ((1 + Math.sin(angle)) * TRAVEL_CELLS) / 2
    const top = ((1 + Math.cos(angle)) * TRAVEL_CELLS) / 2
    let at = Math.floor(random() * NOISE_BYTES)
    for (let y = 0; y < height; y++) {
      const row = y / CELL + top
      const [r, dy] = [Math.floor(row), row % 1]
      for (let x = 0; x < width; x++) {
        const column = x / CELL + left
        const [c, dx] = [Math.floor(column), column % 1]
        const i = r * columns + c
        const upper = texture[i] * (1 - dx) + texture[i + 1] * dx
        const lower = texture[i + columns] * (1 - dx) + texture[i + columns + 1] * dx
        luma[y * width + x] = upper * (1 - dy) + lower * dy + noises[at++ % NOISE_BYTES]
      }
    }
    drawIndex(luma, width, height, index)
    writeSync(file, 'FRAME\n')
    writeSync(file, luma)
    writeSync(file, chroma)
  }
  closeSync(file)
}

function drawIndex(luma, width, height, index) {
  const blockWidth = Math.floor(width / BLOCK_COLUMNS)
  const blockHeight = Math.floor(height / BLOCK_ROWS)
  for (let bit = 0; bit < INDEX_BITS; bit++) {
    const shade = (index >> bit) & 1 ? 235 : 16
    for (let y = 0; y < blockHeight; y++) {
      luma.fill(shade, y * width + bit * blockWidth, y * width + (bit + 1) * blockWidth)
    }
  }
}

/** The same film every time (xorshift). */
function createRandom(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}
