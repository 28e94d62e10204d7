/**
 * What an SFU saves against a mesh, from what was measured.
 *
 * Counted is what the lines of publishers and viewers carry. With an SFU, the publisher uploads once, and every viewer downloads what it gets: that is measured.
 * In a mesh the publisher would upload all that the viewers download, each of them its own copy: that is computed.
 */

/** Bytes of both ways, and how many times less the SFU takes; undefined while nothing was sent. */
export function savings({ rtpBytesIn, rtpBytesOut }) {
  if (rtpBytesIn <= 0 || rtpBytesOut <= 0) return undefined
  const sfu = { upload: rtpBytesIn, total: rtpBytesIn + rtpBytesOut }
  const mesh = { upload: rtpBytesOut, total: 2 * rtpBytesOut }
  return { sfu, mesh, uploadFactor: mesh.upload / sfu.upload, totalFactor: mesh.total / sfu.total }
}

/** The same in theory, in streams: each publisher sends one, and `copies` arrive at viewers; those are as many as viewers where one publishes. */
export function inTheory(publishers, copies) {
  return { sfu: { upload: publishers, total: publishers + copies }, mesh: { upload: copies, total: 2 * copies } }
}
