import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { takeRtp } from '../../../src/cli/take-rtp.js'
import { UsageError } from '../../../src/cli/usage-error.js'
import { RtpSource } from '../../../src/sources/rtp/rtp-source.js'

it('tracks of one name belong together, whatever case the codec is in', () => {
  const args = [
    '--rtp-in',
    'cam=5004:vp8',
    '--rtp-in',
    'cam=5006:OPUS',
    '--rtp-in=other one=0:H264',
    '--rtp-in=x=0:AV1',
  ]
  expect(parseArguments(['serve', ...args])).toMatchObject({
    rtpIn: [
      {
        name: 'cam',
        tracks: [
          { port: 5004, codec: 'VP8' },
          { port: 5006, codec: 'opus' },
        ],
      },
      { name: 'other one', tracks: [{ port: 0, codec: 'H264' }] },
      { name: 'x', tracks: [{ port: 0, codec: 'AV1' }] },
    ],
  })
  expect(parseArguments(['serve'])).not.toHaveProperty('rtpIn')
})

it.each(['cam', 'cam=5004', '=5004:VP8', 'cam=x:VP8', 'cam=5004:AAC', 'cam=65535:VP8', 'cam=5004:VP8:1'])(
  'refuses %s',
  (text) => {
    expect(() => parseArguments(['serve', '--rtp-in', text])).toThrow(UsageError)
  },
)

it('refuses tracks that would share a port', () => {
  for (const port of [5003, 5004, 5005]) {
    const args = ['--rtp-in', 'cam=5004:VP8', '--rtp-in', `cam=${port}:opus`]
    expect(() => parseArguments(['serve', ...args])).toThrow('two ports')
  }
})

it('says how to send what can be sent, and nothing of what cannot', async () => {
  const added: string[] = []
  const target = {
    broadcast: (name: string) => ({
      addSource: async (source: unknown) => {
        expect(source).toBeInstanceOf(RtpSource)
        added.push(name)
      },
    }),
  }
  const text = await takeRtp(target, [
    {
      name: 'cam',
      tracks: [
        { port: 5004, codec: 'VP8' },
        { port: 5006, codec: 'opus' },
      ],
    },
    { name: 'new', tracks: [{ port: 5008, codec: 'AV1' }] },
  ])
  expect(added).toEqual(['cam', 'new'])
  const lines = text.trimStart().split('\n')
  expect(text.split('\n')[1]).toBe(
    '  RTP in    cam: VP8 at port 5004, opus at port 5006 of this machine, RTCP behind each',
  )
  expect(lines[1]).toMatch(/^ {4}ffmpeg .*5004.*5006/)
  expect(lines[2]).toMatch(/^ {4}gst-launch-1\.0 .*5004.*5006/)
  expect(lines.slice(3)).toEqual(['', '  RTP in    new: AV1 at port 5008 of this machine, RTCP behind each', '', ''])
})
