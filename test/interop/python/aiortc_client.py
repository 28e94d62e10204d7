"""Publishes by WHIP and views by WHEP with aiortc; see python-client.mjs."""
import asyncio
import json
import sys
import time

import aiortc
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

from whip import end_session, post_offer


async def exchange(pc, url):
    await pc.setLocalDescription(await pc.createOffer())
    loop = asyncio.get_running_loop()
    answer, session = await loop.run_in_executor(None, post_offer, url, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return session


async def connected(pc):
    for _ in range(750):
        if pc.connectionState == "connected":
            return
        await asyncio.sleep(0.02)
    raise TimeoutError(f"the connection is {pc.connectionState}")


async def finish(pc, session):
    await asyncio.get_running_loop().run_in_executor(None, end_session, session)
    await pc.close()


async def publish(url):
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for track in (AudioStreamTrack(), VideoStreamTrack()):
        pc.addTransceiver(track, direction="sendonly")
    session = await exchange(pc, url)
    await connected(pc)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await finish(pc, session)


async def view(url, seconds):
    begin = time.monotonic()
    seen = {"frames": 0, "audioSeconds": 0.0, "picture": "none"}
    first = asyncio.Event()

    async def watch(track):
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if track.kind == "audio":
                seen["audioSeconds"] += frame.samples / frame.sample_rate if first.is_set() else 0
            elif first.is_set():
                seen["frames"] += 1
                seen["picture"] = f"{frame.width}x{frame.height}"
            else:
                first.set()

    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tasks = []
    pc.on("track", lambda track: tasks.append(asyncio.ensure_future(watch(track))))
    for kind in ("video", "audio"):
        pc.addTransceiver(kind, direction="recvonly")
    session = await exchange(pc, url)
    await connected(pc)
    await asyncio.wait_for(first.wait(), 15)
    start = time.monotonic()
    await asyncio.sleep(seconds)
    result = {"firstFrameMs": (start - begin) * 1000, "seconds": time.monotonic() - start, **seen}
    await finish(pc, session)
    print(json.dumps(result), flush=True)


if sys.argv[1] == "version":
    print(aiortc.__version__)
elif sys.argv[1] == "publish":
    asyncio.run(publish(sys.argv[2]))
else:
    asyncio.run(view(sys.argv[2], float(sys.argv[3])))
