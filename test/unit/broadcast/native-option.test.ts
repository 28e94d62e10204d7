import { afterEach, expect, it } from 'vitest'
import { resolveSfuOptions } from '../../../src/broadcast/sfu-options.js'

const before = process.env.MANYCAST_NATIVE
afterEach(() => {
  if (before === undefined) delete process.env.MANYCAST_NATIVE
  else process.env.MANYCAST_NATIVE = before
})

it('is auto by default, also where the variable is empty', () => {
  delete process.env.MANYCAST_NATIVE
  expect(resolveSfuOptions({}).engine.native).toBe('auto')
  process.env.MANYCAST_NATIVE = ''
  expect(resolveSfuOptions({}).engine.native).toBe('auto')
})

it('follows the environment unless the application says something else', () => {
  process.env.MANYCAST_NATIVE = 'off'
  expect(resolveSfuOptions({}).engine.native).toBe('off')
  expect(resolveSfuOptions({ native: 'require' }).engine.native).toBe('require')
})

it('is refused where it is none of the three', () => {
  process.env.MANYCAST_NATIVE = 'maybe'
  expect(() => resolveSfuOptions({})).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  expect(() => resolveSfuOptions({ native: 'on' as 'auto' })).toThrow(
    expect.objectContaining({ code: 'option-invalid' }),
  )
})
