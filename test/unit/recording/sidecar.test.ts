/** The sidecar is always whole. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Sidecar } from '../../../src/recording/sidecar.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manycast-sidecar-'))
})
afterEach(() => rm(dir, { recursive: true }))

it('has what was told last, however fast that comes, and leaves nothing else behind', async () => {
  const path = join(dir, 'a.json')
  let version = 0
  const sidecar = new Sidecar(path, () => ({ version }))
  await sidecar.create()
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ version: 0 })
  const writes: Promise<void>[] = []
  for (; version < 50; version++) writes.push(sidecar.write())
  writes.push(sidecar.write())
  await Promise.all(writes)
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ version: 50 })
  expect(await readdir(dir)).toEqual(['a.json'])
})

it('has what was told when that has resolved, whoever has written it', async () => {
  const path = join(dir, 'a.json')
  let version = 0
  const sidecar = new Sidecar(path, () => ({ version }))
  await sidecar.create()
  for (version = 1; version < 20; version++) {
    for (let i = 0; i < 3; i++) void sidecar.write()
    await sidecar.write()
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ version })
    expect(await readdir(dir)).toEqual(['a.json'])
  }
})

it('does not take the place of another file', async () => {
  const path = join(dir, 'a.json')
  await writeFile(path, 'mine')
  await expect(new Sidecar(path, () => ({})).create()).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(path, 'utf8')).toBe('mine')
})

it('rejects where it cannot be written', async () => {
  const sidecar = new Sidecar(join(dir, 'no', 'a.json'), () => ({}))
  await expect(sidecar.write()).rejects.toMatchObject({ code: 'ENOENT' })
})
