import { expect, it } from 'vitest'
import {
  ageText,
  bitrateText,
  bytesText,
  millisecondsText,
  percentText,
  rateText,
} from '../../../../src/cli/pages/units.js'

it.each([
  [bitrateText, 0, '0 kbit/s'],
  [bitrateText, 718_200, '718 kbit/s'],
  [bitrateText, 2_140_000, '2.1 Mbit/s'],
  [bitrateText, 42_400_000, '42 Mbit/s'],
  [bitrateText, 1_500_000_000, '1.5 Gbit/s'],
  [bytesText, 0, '0 B'],
  [bytesText, 999, '999 B'],
  [bytesText, 1_300_000_000, '1.3 GB'],
  [bytesText, 2e18, '2,000 PB'],
  [percentText, 0, '0 %'],
  [percentText, 0.004, '0.4 %'],
  [percentText, 0.256, '26 %'],
  [millisecondsText, 0, '0 ms'],
  [millisecondsText, 4.26, '4.3 ms'],
  [millisecondsText, 250, '250 ms'],
  [millisecondsText, 15_000, '15 s'],
  [rateText, 380.3, '380/s'],
  [rateText, 12_345, '12 k/s'],
  [ageText, 59_999, '59 s'],
  [ageText, 61_000, '1 min'],
  [ageText, 3 * 3_600_000 + 120_000, '3 h 2 min'],
  [ageText, 72 * 3_600_000, '3 days'],
])('%o writes %d as %s', (write: (value: number) => string, value, text) => {
  expect(write(value)).toBe(text)
})

it('has a dash for what is not known', () => {
  for (const write of [bitrateText, bytesText, percentText, millisecondsText, rateText, ageText]) {
    for (const unknown of [undefined, null, Number.NaN]) expect(write(unknown)).toBe('–')
  }
})
