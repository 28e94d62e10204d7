/** What `gst-launch-1.0` is told to send plain RTP, with RTCP both ways. */
import { isLoopback } from '../../transport/udp/ip-address.js'
import { refuseOption } from '../../util/options.js'
import type { LocalCodecName } from '../track-codec.js'
import type { RtpSourceConfig } from './rtp-source-options.js'

/** Encoder and payloader of a codec; undefined where they do not come with GStreamer's own plugins. */
const CHAINS: Readonly<Partial<Record<LocalCodecName, string>>> = {
  VP8: 'vp8enc deadline=1 cpu-used=8 target-bitrate=2000000 keyframe-max-dist=300 ! rtpvp8pay mtu=1200 picture-id-mode=2',
  VP9: 'vp9enc deadline=1 cpu-used=8 target-bitrate=2000000 keyframe-max-dist=300 ! rtpvp9pay mtu=1200 picture-id-mode=2',
  H264:
    'x264enc tune=zerolatency speed-preset=veryfast bitrate=2000 key-int-max=300 ! video/x-h264,profile=PROFILE' +
    ' ! rtph264pay mtu=1200 config-interval=-1 aggregate-mode=zero-latency',
  H265: 'x265enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=300 ! rtph265pay mtu=1200 config-interval=-1',
  opus: 'audioresample ! opusenc bitrate=96000 ! rtpopuspay mtu=1200',
  PCMU: 'audioresample ! mulawenc ! rtppcmupay mtu=1200',
  PCMA: 'audioresample ! alawenc ! rtppcmapay mtu=1200',
}

const PROFILES: Readonly<Record<string, string>> = { '42': 'constrained-baseline', '4d': 'main', '64': 'high' }

/** The pipeline. Throws `option-invalid` for codecs that GStreamer's own plugins do not send, and for SRTP. */
export function gstreamerPipeline(config: RtpSourceConfig, ports: readonly number[]): string {
  if (config.srtp !== undefined)
    refuseOption('srtp', 'no key: with one, put srtpenc and srtpdec of your own around it', {})
  const parts = ['rtpbin name=rtp']
  config.tracks.forEach(({ codec }, i) => {
    const { kind, name, parameters } = codec.codec
    const chain = CHAINS[name as LocalCodecName]
    if (chain === undefined) refuseOption('codec', "one that GStreamer's own plugins send", name)
    const profile = PROFILES[parameters['profile-level-id']?.slice(0, 2).toLowerCase() ?? ''] ?? 'constrained-baseline'
    const source =
      kind === 'video' ? 'videotestsrc is-live=true ! videoconvert' : 'audiotestsrc is-live=true ! audioconvert'
    const port = ports[i] as number
    parts.push(
      `${source} ! ${chain.replace('PROFILE', profile)} pt=${codec.payloadType} ! rtp.send_rtp_sink_${i}`,
      ...transport(config, i, port),
    )
  })
  return parts.join(' ')
}

/** How far from ours its local ports are, as both may be on one machine. */
const DISTANCE = 1000

/** RTCP goes out and comes in by one port, the one behind that of RTP, or our requests for keyframes would not find the way back. */
function transport({ listenIp, rtcpMux }: RtpSourceConfig, i: number, port: number): readonly string[] {
  const host = listenIp === '0.0.0.0' ? '127.0.0.1' : listenIp === '::' ? '::1' : listenIp
  const rtcpPort = rtcpMux ? port : port + 1
  const own = port > 65_534 - DISTANCE ? port - DISTANCE : port + DISTANCE
  return [
    `rtp.send_rtp_src_${i} ! udpsink host=${host} port=${port} bind-port=${own}`,
    `rtp.send_rtcp_src_${i} ! udpsink host=${host} port=${rtcpPort} bind-port=${own + 1} sync=false async=false`,
    `udpsrc ${isLoopback(host) ? `address=${host} ` : ''}port=${own + 1} ! rtp.recv_rtcp_sink_${i}`,
  ]
}
