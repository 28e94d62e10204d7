/** `a=msid` (RFC 8830) and `a=ssrc` (RFC 5576) of one stream that we send. */

/**
 * The lines.
 *
 * @param track the ids of its MediaStream and of its track.
 */
export function streamLines(track: string, cname: string, ssrc: number, rtxSsrc: number | undefined): string[] {
  const describe = (id: number) => [`a=ssrc:${id} cname:${cname}`, `a=ssrc:${id} msid:${track}`]
  if (rtxSsrc === undefined) return [`a=msid:${track}`, ...describe(ssrc)]
  return [`a=msid:${track}`, `a=ssrc-group:FID ${ssrc} ${rtxSsrc}`, ...describe(ssrc), ...describe(rtxSsrc)]
}
