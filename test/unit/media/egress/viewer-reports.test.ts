import { expect, test } from 'vitest'
import { ViewerReports } from '../../../../src/media/egress/viewer-reports.js'
import { createReportBlock } from '../../../../src/rtp/rtcp/report-block.js'

function block(lastSenderReport: number, delayMs = 0): ReturnType<typeof createReportBlock> {
  const delaySinceLastSenderReport = Math.round(delayMs * 65.536)
  return { ...createReportBlock(), lastSenderReport, delaySinceLastSenderReport, fractionLost: 64, packetsLost: 9 }
}

test('the round trip is the time since that report, less what the viewer held it', () => {
  const reports = new ViewerReports()
  reports.senderReportSent(111, 1000)
  reports.senderReportSent(222, 2000)
  reports.receive(block(111, 400), 1480)
  expect(reports.rttMs).toBeCloseTo(80, 1)
  reports.receive(block(222, 100), 2150)
  expect(reports.rttMs).toBeCloseTo(50, 1)
  expect(reports).toMatchObject({ count: 2, fractionLost: 0.25, packetsLost: 9 })
})

test('a report that refers to nothing of ours, or to nothing at all, says nothing about the round trip', () => {
  const reports = new ViewerReports()
  reports.receive(block(0), 10)
  reports.receive(block(5), 10)
  expect(reports.rttMs).toBeUndefined()
})

test('only the newest reports are remembered', () => {
  const reports = new ViewerReports()
  for (let i = 1; i <= 20; i++) reports.senderReportSent(i, i * 1000)
  reports.receive(block(4), 30_000)
  expect(reports.rttMs).toBeUndefined()
  reports.receive(block(5), 30_000)
  expect(reports.rttMs).toBe(25_000)
})

test('a viewer that claims to have held it longer than it was away has a round trip of zero', () => {
  const reports = new ViewerReports()
  reports.senderReportSent(7, 1000)
  reports.receive(block(7, 5000), 1100)
  expect(reports.rttMs).toBe(0)
})
