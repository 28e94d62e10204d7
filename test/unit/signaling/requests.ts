/** Requests as clients send them, for the tests of the adapters. */

export const OFFER =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n'

export function post(path: string, body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}) {
  return new Request(`http://localhost${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/sdp', ...headers },
    duplex: 'half',
  } as RequestInit)
}

export function bare(method: string, path: string, headers: Record<string, string> = {}) {
  return new Request(`http://localhost${path}`, { method, headers })
}

/** A problem+json body, after a check that it is one. */
export async function problemOf(response: Response): Promise<{ status: number; code: string; detail: string }> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`not a problem: ${response.status} ${await response.text()}`)
  }
  return response.json() as Promise<{ status: number; code: string; detail: string }>
}
