/** The endpoint itself: what it says to GET, HEAD and OPTIONS. */
import type { Check } from '../check.js'
import { must } from '../check-outcome.js'
import { SDP } from '../tested-server.js'

const isSuccess = (status: number): boolean => status >= 200 && status < 300

export const ENDPOINT_CHECKS: readonly Check[] = [
  {
    id: 'endpoint.get',
    clause: 'RFC 9725 §4.1',
    level: 'MUST',
    title: 'GET of the endpoint is a success without content',
    async run({ http, endpoint }) {
      const { status, body } = await http.send('GET', endpoint)
      must(isSuccess(status), `GET was answered with ${status}`)
      must(body === '', `GET has a body of ${body.length} characters`)
    },
  },
  {
    id: 'endpoint.head',
    clause: 'RFC 9110 §9.3.2',
    level: 'MUST',
    title: 'HEAD of the endpoint is answered like GET',
    async run({ http, endpoint }) {
      const get = await http.send('GET', endpoint)
      const { status } = await http.send('HEAD', endpoint)
      must(status === get.status, `HEAD was answered with ${status}, GET with ${get.status}`)
    },
  },
  {
    id: 'endpoint.discovery',
    clause: 'draft-ietf-wish-whep §4.1',
    level: 'SHOULD',
    title: 'HEAD of the endpoint has Content-Type: application/sdp',
    only: 'whep',
    async run({ http, endpoint }) {
      const { status, headers } = await http.send('HEAD', endpoint)
      const type = headers.get('content-type')
      must(status === 200 && type?.startsWith(SDP) === true, `HEAD: ${status}, Content-Type: ${type ?? 'none'}`)
    },
  },
  {
    id: 'endpoint.options',
    clause: 'RFC 9725 §4.2',
    level: 'MUST',
    title: 'OPTIONS of the endpoint is a success',
    async run({ http, endpoint }) {
      const { status } = await http.send('OPTIONS', endpoint)
      must(isSuccess(status), `OPTIONS was answered with ${status}`)
    },
  },
  {
    id: 'endpoint.accept-post',
    clause: 'RFC 9725 §4.2',
    level: 'SHOULD',
    title: 'OPTIONS of the endpoint has Accept-Post: application/sdp',
    async run({ http, endpoint }) {
      const { headers } = await http.send('OPTIONS', endpoint)
      const accepted = headers.get('accept-post')
      must(accepted?.includes(SDP) === true, `Accept-Post: ${accepted ?? 'none'}`)
    },
  },
  {
    id: 'endpoint.method',
    clause: 'RFC 9110 §15.5.6',
    level: 'MUST',
    title: 'Other methods are refused: 405 with Allow, or 501',
    async run({ http, endpoint }) {
      const { status, headers } = await http.send('PUT', endpoint, {
        headers: { 'content-type': SDP },
        body: 'v=0\r\n',
      })
      must(status === 405 || status === 501, `PUT was answered with ${status}`)
      must(status === 501 || headers.has('allow'), 'the 405 has no Allow')
    },
  },
]
