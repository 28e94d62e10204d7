"""Publishes by WHIP and views by WHEP with webrtcbin; see python-client.mjs."""
import json
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from whip import end_session, post_offer  # noqa: E402

Gst.init(None)

PUBLISHER = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! videoconvert
  ! vp8enc deadline=1 target-bitrate=800000 keyframe-max-dist=3000 ! rtpvp8pay pt=96
  ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
audiotestsrc is-live=true wave=ticks ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=97
  ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""

VIDEO_CAPS = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,rtcp-fb-nack-pli=true"
# Opus always has two channels in SDP (RFC 7587, section 7).
AUDIO_CAPS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"


def wait_until(condition, what, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def promised(peer, signal, *arguments):
    """Emits a signal that ends with a promise, and waits for it. What is in its reply lives as long as it does."""
    promise = Gst.Promise.new()
    peer.emit(signal, *arguments, promise)
    promise.wait()
    return promise


def is_enum(peer, name, nick):
    return peer.get_property(name).value_nick == nick


def exchange(peer, url):
    created = promised(peer, "create-offer", None)
    reply = created.get_reply()
    promised(peer, "set-local-description", reply.get_value("offer"))
    wait_until(lambda: is_enum(peer, "ice-gathering-state", "complete"), "no end of the candidates")
    text, session = post_offer(url, peer.get_property("local-description").sdp.as_text())
    _, sdp = GstSdp.SDPMessage.new_from_text(text)
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
    promised(peer, "set-remote-description", answer)
    wait_until(lambda: is_enum(peer, "connection-state", "connected"), "no connection")
    return session


def publish(url):
    pipeline = Gst.parse_launch(PUBLISHER)
    peer = pipeline.get_by_name("peer")
    negotiated = threading.Event()
    peer.connect("on-negotiation-needed", lambda _: negotiated.set())
    pipeline.set_state(Gst.State.PLAYING)
    if not negotiated.wait(10):
        raise TimeoutError("nothing to negotiate")
    for index in range(2):
        peer.emit("get-transceiver", index).set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    session = exchange(peer, url)
    print("ready", flush=True)
    sys.stdin.read()
    end_session(session)
    pipeline.set_state(Gst.State.NULL)


def view(url, seconds):
    begin = time.monotonic()
    seen = {"frames": 0, "audioSeconds": 0.0, "picture": "none"}
    first = threading.Event()
    pipeline = Gst.Pipeline()
    peer = Gst.parse_launch("webrtcbin bundle-policy=max-bundle latency=100")
    pipeline.add(peer)

    def count(pad, info, kind):
        if kind == "video":
            if first.is_set():
                seen["frames"] += 1
            first.set()
            caps = pad.get_current_caps().get_structure(0)
            seen["picture"] = f"{caps.get_value('width')}x{caps.get_value('height')}"
        elif first.is_set():
            seen["audioSeconds"] += info.get_buffer().duration / Gst.SECOND
        return Gst.PadProbeReturn.OK

    def on_pad(_, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_value("media")
        chain = "rtpvp8depay ! vp8dec" if kind == "video" else "rtpopusdepay ! opusdec"
        branch = Gst.parse_bin_from_description(f"queue ! {chain} name=decoder ! fakesink sync=false", True)
        branch.get_by_name("decoder").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, count, kind)
        pipeline.add(branch)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    peer.connect("pad-added", on_pad)
    pipeline.set_state(Gst.State.PLAYING)
    for caps in (VIDEO_CAPS, AUDIO_CAPS):
        direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        peer.emit("add-transceiver", direction, Gst.Caps.from_string(caps))
    session = exchange(peer, url)
    if not first.wait(15):
        raise TimeoutError("no frame in 15 s")
    start = time.monotonic()
    time.sleep(seconds)
    result = {"firstFrameMs": (start - begin) * 1000, "seconds": time.monotonic() - start, **seen}
    end_session(session)
    pipeline.set_state(Gst.State.NULL)
    print(json.dumps(result), flush=True)


def main():
    if sys.argv[1] == "version":
        if not all(Gst.ElementFactory.find(name) for name in ("webrtcbin", "nicesrc", "dtlsdec", "vp8enc", "opusenc")):
            sys.exit("an element is missing")
        print(".".join(map(str, Gst.version()[:3])))
        return
    loop = GLib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    publish(sys.argv[2]) if sys.argv[1] == "publish" else view(sys.argv[2], float(sys.argv[3]))


main()
