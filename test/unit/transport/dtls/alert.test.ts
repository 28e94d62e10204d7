import { expect, test } from 'vitest'
import { ALERT, readAlert, writeAlert } from '../../../../src/transport/dtls/alert.js'
import { expectNeverThrows } from './arbitraries.js'

test('close_notify is a warning and the rest is fatal', () => {
  expect(readAlert(writeAlert(ALERT.closeNotify))).toEqual({ fatal: false, description: 0 })
  expect(readAlert(writeAlert(ALERT.decryptError))).toEqual({ fatal: true, description: 51 })
})

test('anything but two bytes with a known level is no alert', () => {
  for (const hex of ['', '02', '022800', '0028', '0328']) {
    expect(readAlert(Buffer.from(hex, 'hex'))).toBeUndefined()
  }
  expectNeverThrows(readAlert)
})
