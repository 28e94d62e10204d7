/** A VP8 keyframe is a WebP picture but for the head around it (RFC 9649, section 2.5), so no decoder is needed. */
export function webpOf(keyframe) {
  // Chunks have an even number of bytes.
  const padded = keyframe.length + (keyframe.length & 1)
  const file = Buffer.alloc(20 + padded)
  file.write('RIFF', 0)
  file.writeUInt32LE(12 + padded, 4)
  file.write('WEBPVP8 ', 8)
  file.writeUInt32LE(keyframe.length, 16)
  file.set(keyframe, 20)
  return file
}
