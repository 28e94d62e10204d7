import { expect, it } from 'vitest'
import { TrafficRate } from '../../../../src/cli/dashboard/traffic-rate.js'

const totals = (bytesIn: number, bytesOut: number, packetsIn = 0, packetsOut = 0, lostIn = 0, lostOut = 0) => ({
  rtpBytesIn: bytesIn,
  rtpBytesOut: bytesOut,
  rtpPacketsIn: packetsIn,
  rtpPacketsOut: packetsOut,
  packetsLostIn: lostIn,
  packetsLostOut: lostOut,
})

it('gives bits and packets per second between two readings', () => {
  const rate = new TrafficRate()
  expect(rate.read(1000, totals(1000, 2000, 10, 20))).toBeUndefined()
  expect(rate.read(3000, totals(2000, 4000, 30, 60))).toMatchObject({
    inBps: 4000,
    outBps: 8000,
    packetsIn: 10,
    packetsOut: 20,
  })
})

it('gives the part that is lost, of what was sent to us and of what we sent', () => {
  const rate = new TrafficRate()
  rate.read(0, totals(0, 0))
  expect(rate.read(1000, totals(1, 1, 90, 200, 10, 20))).toMatchObject({ lossIn: 0.1, lossOut: 0.1 })
  // Late packets take back more than was lost anew.
  expect(rate.read(2000, totals(2, 2, 190, 400, 5, 20))).toMatchObject({ lossIn: 0, lossOut: 0 })
  expect(rate.read(3000, totals(2, 2, 190, 400, 5, 20))).toMatchObject({ lossIn: undefined, lossOut: undefined })
})

it('begins anew where totals do', () => {
  const rate = new TrafficRate()
  rate.read(0, totals(1000, 1000))
  expect(rate.read(1000, totals(10, 10))).toBeUndefined()
  expect(rate.read(2000, totals(20, 30))).toMatchObject({ inBps: 80, outBps: 160 })
  expect(rate.read(2000, totals(20, 30))).toBeUndefined()
})
