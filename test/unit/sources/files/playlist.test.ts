import { expect, it } from 'vitest'
import type { MediaFile } from '../../../../src/sources/files/media-file.js'
import { Playlist } from '../../../../src/sources/files/playlist.js'
import { fakeFile, OPUS, VP8 } from './fake-player.js'
import { collect } from './file-bytes.js'

const H264 = { ...VP8, name: 'H264' as const }

function playlist(files: Readonly<Record<string, () => MediaFile>>, loop = false) {
  const failed: [number, string][] = []
  const opened: string[] = []
  const list = new Playlist({
    paths: Object.keys(files),
    loop,
    open: async (path) => {
      opened.push(path)
      return (files[path] as () => MediaFile)()
    },
    onItemFailed: (item, error) => failed.push([item, (error as Error).message]),
  })
  return { list, failed, opened }
}

const broken = (): MediaFile => {
  throw new Error('there is no such file')
}

it('plays files one after the other on one line, each with its codecs', async () => {
  const a = fakeFile({ durationMs: 1000 })
  const b = fakeFile({ durationMs: 500, codecs: [H264] })
  const { list } = playlist({ a: () => a, b: () => b })
  const frames = await collect(list.frames(0, 0))
  const ofB = frames.filter(({ item }) => item === 1)
  expect(ofB).toHaveLength(15)
  expect([ofB[0]?.lineUs, ofB[0]?.itemUs, ofB[0]?.codec]).toEqual([1_000_000, 0, H264])
  for (const [i, { lineUs }] of frames.entries()) expect(lineUs).toBeGreaterThanOrEqual(frames[i - 1]?.lineUs ?? 0)
  expect([a.closed, b.closed]).toEqual([1, 0])
  await list.close()
  expect([a.closed, b.closed]).toEqual([1, 1])
})

it('says where the line ends: where the longest track does', async () => {
  const { list } = playlist({ a: () => fakeFile({ durationMs: 990, codecs: [VP8, OPUS] }) })
  const frames = list.frames(0, 0)
  for (;;) {
    const { done, value } = await frames.next()
    if (!done) continue
    // The last frame of either begins before 990 ms; audio's ends at 1000 ms.
    expect(value).toBe(1_000_000)
    return
  }
})

it('goes on with the next file where one cannot be played, and says so', async () => {
  const files = {
    a: () => fakeFile({ durationMs: 100, codecs: [OPUS] }),
    b: broken,
    c: () => fakeFile({ durationMs: 1000, codecs: [OPUS], failsAtMs: 40 }),
  }
  const { list, failed } = playlist(files, true)
  const frames = await collect(list.frames(0, 0), 14)
  expect(frames.map(({ item }) => item).join('')).toBe('00000220000022')
  expect(frames.map(({ lineUs }) => lineUs / 20_000)).toEqual(frames.map((_, i) => i))
  expect(failed).toEqual([
    [1, 'there is no such file'],
    [2, 'the disk is broken'],
    [1, 'there is no such file'],
  ])
})

it('fails when none of the files can be played, and when the only one cannot', async () => {
  const { list, failed } = playlist({ a: broken, b: broken }, true)
  await expect(collect(list.frames(0, 0))).rejects.toThrow('there is no such file')
  expect(failed).toHaveLength(1)
  const only = playlist({ a: () => fakeFile({ durationMs: 1000, failsAtMs: 500 }) }, true)
  await expect(collect(only.list.frames(0, 0))).rejects.toThrow('the disk is broken')
})

it('keeps a file open from round to round', async () => {
  const { list, opened } = playlist({ a: () => fakeFile({ durationMs: 100 }) }, true)
  const frames = await collect(list.frames(0, 0), 50)
  expect(frames.at(-1)?.round).toBeGreaterThan(3)
  expect(opened).toEqual(['a'])
})

it('begins where it is told, and counts rounds from there', async () => {
  const files = {
    a: () => fakeFile({ durationMs: 3000, codecs: [VP8] }),
    b: () => fakeFile({ durationMs: 3000, codecs: [VP8] }),
  }
  const { list } = playlist(files, true)
  const frames = await collect(list.frames(1, 2500, 7), 40)
  expect([frames[0]?.item, frames[0]?.itemUs, frames[0]?.lineUs, frames[0]?.round]).toEqual([1, 2_000_000, 0, 7])
  expect([frames[30]?.item, frames[30]?.itemUs, frames[30]?.round]).toEqual([0, 0, 8])
})
