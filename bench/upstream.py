"""A mock Realtime server: it answers at once, and speaks as many deltas as the user's text asks for.

`talk N` gets N deltas of 100 ms in real time, `blast N` as fast as they go. A monotonic clock in ns
rides in the first 8 bytes of each delta's PCM. As a program it prints its address and runs until it
is ended.
"""

import asyncio
import struct
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pybase64
import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

DELTA_S = 0.1
SILENCE = bytes(4800 - 8)
BURST = 16
"""Deltas of a blast between two looks at whether the reader keeps up."""


class Upstream(WSListener):
    """One connection of the mock server."""

    def __init__(self) -> None:
        self._transport: WSTransport | None = None
        self._text = ""
        self._responses = 0
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._speaking: asyncio.Task[None] | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet as the service does: who waits for the greeting would otherwise be measured waiting."""
        self._transport = transport
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        self._say({"type": "session.created", "session": session})

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Stop speaking."""
        del transport
        self._transport = None
        if self._speaking is not None:
            self._speaking.cancel()

    def pause_writing(self) -> None:
        """Wait for the reader."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._may_write.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer an event."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            if b'"input_audio_buffer.append"' not in text[:64]:
                self._answer(msgspec.json.decode(text))

    def _answer(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._say({"type": "session.updated", "session": event["session"]})
            case "conversation.item.create":
                item: dict[str, Any] = {**event["item"], "status": "completed"}
                self._text = item["content"][0]["text"]
                self._say({"type": "conversation.item.added", "item": item})
                self._say({"type": "conversation.item.done", "item": item})
            case "response.create":
                metadata = event.get("response", {}).get("metadata")
                self._speaking = asyncio.ensure_future(self._speak(metadata))
            case _:
                pass

    def _say(self, event: dict[str, Any]) -> None:
        if self._transport is not None:
            self._transport.send(
                WSMsgType.TEXT, msgspec.json.encode({**event, "event_id": "event"})
            )

    async def _speak(self, metadata: dict[str, str] | None) -> None:
        self._responses += 1
        response_id = f"resp_{self._responses}"
        response: dict[str, Any] = {
            "object": "realtime.response",
            "id": response_id,
            "conversation_id": "conv_1",
            "metadata": metadata,
            "status": "in_progress",
            "output": [],
        }
        self._say({"type": "response.created", "response": response})
        manner, _, count = self._text.partition(" ")
        began_s = time.monotonic()
        for number in range(int(count)):
            self._send_delta(response_id)
            if manner == "talk":
                await asyncio.sleep(began_s + (number + 1) * DELTA_S - time.monotonic())
            elif number % BURST == 0:
                await self._may_write.wait()
                await asyncio.sleep(0)
        self._say({"type": "response.done", "response": {**response, "status": "completed"}})

    def _send_delta(self, response_id: str) -> None:
        if self._transport is None:
            return
        pcm = struct.pack("<q", time.monotonic_ns()) + SILENCE
        self._transport.send(
            WSMsgType.TEXT,
            b'{"type":"response.output_audio.delta","event_id":"event","response_id":"%b",'
            b'"item_id":"item_%b","output_index":0,"content_index":0,"delta":"%b"}'
            % (response_id.encode(), response_id.encode(), pybase64.b64encode(pcm)),
        )


@asynccontextmanager
async def listening(kind: Callable[[], Upstream] = Upstream) -> AsyncGenerator[str]:
    """Serve on a free port of this machine, and yield the address."""

    def door(request: WSUpgradeRequest) -> Upstream:
        del request
        return kind()

    server = await ws_create_server(door, "127.0.0.1", 0)
    yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
    server.close()


async def main() -> None:
    """Serve until ended."""
    async with listening() as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
