import { describe, expect, it } from 'vitest'
import { rtpSource } from '../../../../src/sources/rtp/rtp-source.js'

const KEY = Buffer.alloc(30, 1).toString('base64')
const TRACKS = [
  { codec: 'H264', port: 5004 },
  { codec: 'opus', port: 5006 },
] as const

it('a description says where which codec is taken, as receivers write it', () => {
  expect(rtpSource({ tracks: TRACKS }).sdp.split('\r\n')).toEqual([
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=manycast',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=video 5004 RTP/AVPF 102',
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    'a=rtcp-fb:102 nack pli',
    'a=rtcp:5005',
    'a=recvonly',
    'm=audio 5006 RTP/AVP 111',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtcp:5007',
    'a=recvonly',
    '',
  ])
  const srtp = { profile: 'AES_CM_128_HMAC_SHA1_80', key: KEY } as const
  const secret = rtpSource({ codec: 'PCMU', port: 5004, payloadType: 3, listenIp: '::1', rtcpMux: true, srtp }).sdp
  expect(secret).toContain('c=IN IP6 ::1\r\n')
  expect(secret).toContain('m=audio 5004 RTP/SAVP 3\r\na=rtpmap:3 PCMU/8000\r\na=rtcp-mux\r\n')
  expect(secret).toContain(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}\r\n`)
})

describe('the way to call FFmpeg', () => {
  it('has an output per track, each for its port', () => {
    const words = rtpSource({ tracks: TRACKS, rtcpMux: true }).ffmpegArguments({ input: 'a film.mkv' })
    expect(words.slice(0, 6)).toEqual(['-hide_banner', '-re', '-i', 'a film.mkv', '-map', '0:v:0'])
    expect(words).toContain('rtp://127.0.0.1:5004?pkt_size=1200&rtcpport=5004')
    expect(words).toContain('rtp://127.0.0.1:5006?pkt_size=1200&rtcpport=5006')
    expect(words).toContain('0:a:0')
    expect(words[words.indexOf('-profile:v') + 1]).toBe('baseline')
  })

  it('is for a shell, whatever the input is called', () => {
    const line = rtpSource({ codec: 'VP8', port: 5004 }).commandLine({ input: "it's $HOME.mkv" })
    expect(line).toMatch(/^ffmpeg -hide_banner -re -i 'it'\\''s \$HOME\.mkv' -map 0:v:0 -c:v libvpx /)
    expect(line).toMatch(/'rtp:\/\/127\.0\.0\.1:5004\?pkt_size=1200'$/)
  })

  it('sends to loopback where every address is listened on, and protects what it sends with the key', () => {
    const srtp = { profile: 'AES_CM_128_HMAC_SHA1_80', key: KEY } as const
    const words = rtpSource({ codec: 'G722', port: 5004, listenIp: '::', srtp }).ffmpegArguments({ input: 'x' })
    expect(words.slice(-5)).toEqual([
      '-srtp_out_suite',
      'AES_CM_128_HMAC_SHA1_80',
      '-srtp_out_params',
      KEY,
      'srtp://[::1]:5004?pkt_size=1200',
    ])
  })

  it('is not made up where FFmpeg could not do it, or the port is not known', () => {
    const gcm = { profile: 'AEAD_AES_128_GCM', key: Buffer.alloc(28).toString('base64') } as const
    const refuses = (...args: Parameters<typeof rtpSource>) =>
      expect(() => rtpSource(...args).ffmpegArguments({ input: 'x' })).toThrow(
        expect.objectContaining({ code: 'option-invalid' }),
      )
    refuses({ codec: 'AV1', port: 5004 })
    refuses({ codec: 'VP8', port: 5004, srtp: gcm })
    refuses({ codec: 'VP8' })
    expect(() => rtpSource({ codec: 'VP8' }).sdp).toThrow('ready()')
    expect(() => rtpSource({ codec: 'VP8', port: 5004 }).ffmpegArguments({ input: '' })).toThrow('input')
  })
})

it('the way to call GStreamer has RTCP both ways by one port behind that of RTP', () => {
  const pipeline = rtpSource({ tracks: TRACKS }).gstreamerPipeline()
  expect(pipeline).toContain('video/x-h264,profile=constrained-baseline ! rtph264pay')
  expect(pipeline).toContain('rtp.send_rtp_src_0 ! udpsink host=127.0.0.1 port=5004 bind-port=6004 ')
  expect(pipeline).toContain('rtp.send_rtcp_src_0 ! udpsink host=127.0.0.1 port=5005 bind-port=6005 ')
  expect(pipeline).toContain('udpsrc address=127.0.0.1 port=6005 ! rtp.recv_rtcp_sink_0')
  expect(pipeline).toContain('pt=111 ! rtp.send_rtp_sink_1')
  expect(() => rtpSource({ codec: 'AV1', port: 5004 }).gstreamerPipeline()).toThrow('codec')
})
