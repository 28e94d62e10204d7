/** GStreamer's webrtcbin. */
import { pythonClient } from './python-client.mjs'

export const gstreamer = {
  needsNamespace: true,
  ...pythonClient({
    name: 'GStreamer webrtcbin',
    script: 'gstreamer_client.py',
    packages: 'python3-gi, gir1.2-gst-plugins-bad-1.0, gstreamer1.0-plugins-base, -good, -bad, gstreamer1.0-nice',
  }),
}
