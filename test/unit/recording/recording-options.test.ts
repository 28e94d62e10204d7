/** Options of `record`. */
import { expect, it } from 'vitest'
import { createDestination } from '../../../src/recording/destination.js'
import { record } from '../../../src/recording/index.js'
import { loadMediabunny } from '../../../src/recording/mediabunny.js'
import { type RecordOptions, resolveRecordOptions } from '../../../src/recording/recording-options.js'

it('has defaults', () => {
  expect(resolveRecordOptions({ dir: 'x' })).toMatchObject({
    dir: 'x',
    format: 'webm',
    segmentMs: 3_600_000,
    kinds: ['video', 'audio'],
    keyframeMs: 10_000,
    maxGapMs: 10_000,
    maxQueueBytes: 32 * 1024 * 1024,
  })
  expect(resolveRecordOptions({ dir: 'x', segmentSeconds: 0 }).segmentMs).toBe(Number.POSITIVE_INFINITY)
})

it.each([
  ['dir', {}],
  ['dir', { dir: 'x', file: 'y' }],
  ['dir', { dir: '' }],
  ['file', { file: 3 }],
  ['writable', { writable: {} }],
  ['format', { dir: 'x', format: 'avi' }],
  ['segmentSeconds', { dir: 'x', segmentSeconds: 0.5 }],
  ['publisher', { dir: 'x', publisher: '' }],
  ['audio', { dir: 'x', audio: false, video: false }],
  ['maxQueueBytes', { dir: 'x', maxQueueBytes: 1 }],
  ['onProgress', { dir: 'x', onProgress: true }],
])('refuses a wrong %s: %o', async (option, options) => {
  const broadcast = { addSink: async () => () => {} }
  await expect(record(broadcast, options as RecordOptions)).rejects.toMatchObject({
    code: 'option-invalid',
    details: { option },
  })
})

it('says which package is missing', async () => {
  const load = async () => {
    throw new Error('no such package')
  }
  await expect(loadMediabunny(load)).rejects.toMatchObject({
    code: 'package-missing',
    message: 'recording needs the package "mediabunny": npm install mediabunny',
  })
})

it('names files after the broadcast, whatever it is called, and never leads out of the folder', () => {
  const at = Date.UTC(2030, 0, 31, 12, 0, 0, 123)
  const sidecar = (name: string) => createDestination(resolveRecordOptions({ dir: '/r' }), name, at).sidecar
  expect(sidecar('main-stage')).toBe('/r/main-stage-20300131T120000123Z.json')
  expect(sidecar('../../etc/passwd')).toBe('/r/__.._etc_passwd-20300131T120000123Z.json')
  expect(sidecar('Große Bühne')).toBe('/r/Gro_e_B_hne-20300131T120000123Z.json')
  const file = createDestination(resolveRecordOptions({ file: '/r/show.webm' }), 'x', at)
  expect(file.sidecar).toBe('/r/show.json')
})
