/** What `manycast --help` prints. */
export const USAGE = `Usage: manycast serve [options]
       manycast conformance <url> [options]

serve: broadcasts with web pages to publish and to watch, WHIP and WHEP.

  --port <number>      HTTP port, 0 for any free one (default 8080, or PORT)
  --host <address>     HTTP address; 0.0.0.0 or :: for all (default 127.0.0.1)
  --udp-port <number>  UDP port of the media, 0 for any free one (default 0, or UDP_PORT);
                       further workers take the numbers that follow
  --listen-ip <ip>     local address of the media port, may be repeated (default: loopback
                       if --host is and nothing is announced, else all)
  --announce <ip>      public address of a server behind a NAT, may be repeated
  --workers <n|auto>   threads that carry the media, 0 for none but the main one (default 1)

conformance: what a WHIP or WHEP server does of what it must do. <url> is an endpoint with whip or
whep in its path, or the base of a server with the paths of manycast.

  --whip <url>         a WHIP endpoint
  --whep <url>         a WHEP endpoint
  --token <token>      bearer token to send
  --json               the results for programs

  --help               this text
  --version            the version

Browsers give the camera to pages on localhost or over HTTPS only: put a TLS proxy in front
to publish from other machines. DEBUG=manycast:* shows what happens inside.
`
