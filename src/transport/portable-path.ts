/** The transport through Node's own modules: `node:crypto`, `node:dgram`, and werift's DTLS. */
import { createDtlsTransport } from './dtls.js'
import { createSrtpReceiver, createSrtpSender } from './srtp/create-srtp.js'
import type { NativeStatus, TransportPath } from './transport-path.js'
import { PortableDatagramSender } from './udp/datagram-sender.js'
import { bindUdp } from './udp/media-sockets.js'

/** It works wherever Node does. @param reason why it is not the native one. */
export function portablePath(reason: string): TransportPath {
  const status: NativeStatus = { srtp: false, dtls: false, udp: false, segmentation: false, reason }
  return {
    status,
    // Both are as good as unbreakable; through `node:crypto`, counter mode with HMAC costs a quarter less than GCM, which needs an object
    // per packet (measured). A peer that offers only one of them gets that one.
    srtpProfiles: ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'],
    udp: {
      bind: bindUdp,
      createSender: (sockets, maxQueueBytes, counters) =>
        new PortableDatagramSender(
          sockets.map(({ socket }) => socket),
          maxQueueBytes,
          counters,
        ),
    },
    createSrtpSender: (keys) => createSrtpSender(keys),
    createSrtpReceiver: (keys) => createSrtpReceiver(keys),
    createDtls: createDtlsTransport,
  }
}
