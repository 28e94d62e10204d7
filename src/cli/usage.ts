/** What `manycast --help` prints. */
export const USAGE = `Usage: manycast serve [options]
       manycast conformance <url> [options]

serve: broadcasts with web pages to publish and to watch, WHIP and WHEP.

  --port <number>      HTTP port, 0 for any free one (default 8080, or PORT)
  --host <address>     HTTP address; 0.0.0.0 or :: for all (default 127.0.0.1)
  --udp-port <number>  port of the media, UDP's and TCP's, 0 for any free one (default 0, or
                       UDP_PORT); further workers take the numbers that follow
  --listen-ip <ip>     local address of the media port, may be repeated (default: loopback
                       if --host is and nothing is announced, else all)
  --announce <ip>      public address of a server behind a NAT, may be repeated;
                       <own>=<ip> for the public address of one of its own
  --announce-hosts <w> whether host names may be announced: refuse (default) or resolve
  --ice-tcp <on|off>   TCP on the media port for clients whose UDP is blocked (default on)
  --workers <n|auto>   threads that carry the media, 0 for none but the main one (default 1)
  --drain-timeout <s>  seconds that SIGTERM leaves to clients to go elsewhere, 0 for none
                       (default 30); SIGINT ends at once
  --websocket          signaling over WebSockets at /ws, too; needs the package ws
  --overload <w>       what happens to viewers when there is too much to do: refuse (default: new
                       ones come back later), lower (all lose their best layers first) or off
  --max-broadcasts <n> how many broadcasts there may be (default 10000)
  --max-viewers <n>    how many viewers a broadcast may have (default no limit)
  --max-publishers <n> how many publishers a broadcast may have (default 64)
  --max-address-viewers <n>, --max-address-publishers <n>
                       the same for a client address (default no limit, 64)
  --idle-timeout <s>   seconds after which a broadcast is closed that nobody publishes to, 0 for
                       never (default 0)
  --publish-key <key>  what publishers need as bearer token or stream key, at least 16
                       characters (or PUBLISH_KEY); everybody may watch
  --token-secret <s>   publishers and viewers need JSON Web Tokens signed by this secret, at
                       least 32 characters (or TOKEN_SECRET); needs the package jose
  --jwks <url|file>    the same, signed by a key of this set
  --token-audience <a> what the tokens have to be for, may be repeated
  --token-issuer <i>   who has to have issued them, may be repeated
  --end-at-expiry      sessions end when the token expires that opened them
  --admin-key <key>    opens the admin API at /admin to who has it as bearer token, at least
                       16 characters (or ADMIN_KEY); there is none without it
  --dashboard <who>    who gets the page /dashboard with figures, plots and buttons: local (default) for
                       who opens it on this machine and who has the admin key, key, or off
  --metrics            serves /metrics for Prometheus, and the probes /healthz and /readyz
  --metrics-key <key>  what scrapers need as bearer token, at least 16 characters (or
                       METRICS_KEY); without it /metrics is open to everybody
  --webhook <url>      tells this URL who comes and goes, in signed POST requests
  --webhook-secret <s> what they are signed with, at least 32 characters (or WEBHOOK_SECRET)
  --webhook-event <e>  only this event, such as live or idle; may be repeated
  --play <name>=<file> plays a file into this broadcast, may be repeated: files of one name follow
                       each other; WebM, Matroska, MP4, QuickTime, Ogg (they need the package
                       mediabunny), IVF, raw H.264 and H.265
  --loop               plays them again and again
  --rtp-in <name>=<port>:<codec>
                       takes plain RTP at this port of 127.0.0.1 (0 for any free one), and RTCP at
                       the next, into this broadcast; repeated for audio and video of one name.
                       Says how FFmpeg and GStreamer are called. VP8, VP9, H264, H265, AV1, opus,
                       PCMU, PCMA, G722
  --pull <name>=<url>  gets this broadcast from another server, from the URL of a WHEP endpoint; may
                       be repeated, and is tried until it succeeds
  --push <name>=<url>  sends this broadcast to another server, to the URL of a WHIP endpoint
  --relay-token <t>    bearer token for --pull and --push (or RELAY_TOKEN); one of its own stands
                       where URLs have the user: https://<token>@example.org/whep/main
  --record <folder>    saves every broadcast while somebody publishes; the pages play what is there
  --record-format <f>  webm (default) or mp4; needs the package mediabunny
  --cluster <url>      makes this server a node of the cluster that the Redis at this URL knows (or
                       CLUSTER_URL), such as redis://10.0.0.5; needs the package redis or ioredis
  --node-url <url>     where clients and other nodes reach this server (or NODE_URL)
  --region <name>      where it stands; viewers are sent to nodes of their region first
  --capacity <number>  how many viewers it takes (default 1000)
  --cluster-secret <s> what all nodes know and nobody else does, at least 32 characters (or
                       CLUSTER_SECRET); needed with keys and tokens
  --placement <mode>   local (default): viewers are served where they come to, while there is
                       room; balance: where the broadcast is already, or where is less to do
  --trust-proxy <n|ip> proxies that may say who the client is: how many are one behind the
                       other, or their addresses, such as 10.0.0.0/8,::1

conformance: what a WHIP or WHEP server does of what it must do, line by line. <url> is an endpoint
with whip or whep in its path, or the base of a server with the paths of manycast. The exit code is
0 if nothing failed.

  --whip <url>         a WHIP endpoint
  --whep <url>         a WHEP endpoint; somebody should be publishing there
  --token <token>      bearer token to send (or CONFORMANCE_TOKEN)
  --timeout <seconds>  how long a reply may take (default 10)
  --json               the results for programs

  --help               this text
  --version            the version

Browsers give the camera to pages on localhost or over HTTPS only: put a TLS proxy in front
to publish from other machines. DEBUG=manycast:* shows what happens inside.
`
