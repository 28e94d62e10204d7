/** aiortc, WebRTC in Python. */
import { pythonClient } from './python-client.mjs'

export const aiortc = pythonClient({ name: 'aiortc', script: 'aiortc_client.py', packages: 'python3-aiortc' })
