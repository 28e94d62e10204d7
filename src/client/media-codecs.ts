/** The order of codecs in an offer. */

/**
 * All of `codecs`, with those named first, in that order. A name is that of RTP payload formats, such as `VP9`, or a MIME type; names that
 * the browser does not have are passed over. Within a name, and among the others, the order stays as it is.
 */
export function preferCodecs(codecs: readonly RTCRtpCodec[], names: readonly string[]): RTCRtpCodec[] {
  const rank = ({ mimeType }: RTCRtpCodec) => {
    const index = names.findIndex((name) => `/${mimeType}`.toLowerCase().endsWith(`/${name}`.toLowerCase()))
    return index < 0 ? names.length : index
  }
  return [...codecs].sort((a, b) => rank(a) - rank(b))
}
