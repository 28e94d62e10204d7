/**
 * What is fuzzed. A target is a module in this folder that exports `target`:
 *
 * - `seeds()`: valid inputs to begin with;
 * - `mutate(random, input, others, maxLength)`: a damaged copy, by one of the mutators in engine/;
 * - `maxLength`: of an input, in bytes;
 * - `run(input)`: throws, or rejects, if the input breaks an oracle. Each call begins anew: nothing of earlier inputs may matter.
 */
export const TARGET_NAMES = [
  'stun',
  'rtp',
  'rtcp',
  'payload',
  'frames',
  'sdp',
  'sdpanswer',
  'sdpfrag',
  'dtls',
  'handshake',
  'openssl',
  'srtp',
  'mux',
  'media',
  'plain',
  'native',
  'http',
  'websocket',
]

/** The target of that name. */
export async function loadTarget(name) {
  const { target } = await import(/* @vite-ignore */ `./${name}.mjs`)
  return target
}
