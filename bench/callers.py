"""Callers of both protocols, alike in what they send and measure."""

import asyncio
import ssl
import struct
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pybase64
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

DEADLINE_S = 60.0
MICROPHONE = bytes(960)
"""20 ms of s16le silence at 24 kHz."""
FRAME_S = 0.02
STAMP_BYTES = 8
KEY = "sk-bench"
"""Presented to every relay; only LiteLLM asks for one."""


class Caller(WSListener):
    """What callers of both protocols have in common."""

    def __init__(self) -> None:
        self.added_ns: list[int] = []
        """From the upstream's writing of a delta to our reading of it, in order."""
        self.ended = asyncio.Event()
        self._transport: WSTransport | None = None
        self._ready = asyncio.Event()
        self._news = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Note the connection."""
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Note its end."""
        del transport
        self.ended.set()
        self._ready.set()
        self._news.set()

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._send(WSMsgType.TEXT, msgspec.json.encode(message))

    def _send(self, kind: WSMsgType, message: bytes) -> None:
        if self._transport is not None:
            self._transport.send(kind, message)

    def _heard(self, stamp: bytes) -> None:
        self.added_ns.append(time.monotonic_ns() - struct.unpack("<q", stamp)[0])
        self._news.set()

    async def hears(self, deltas: int) -> None:
        """Wait until so many deltas have come."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.added_ns) < deltas and not self.ended.is_set():
                self._news.clear()
                await self._news.wait()

    async def start(self) -> None:
        """Configure the session and wait for the confirmation."""
        self.configure()
        async with asyncio.timeout(DEADLINE_S):
            await self._ready.wait()

    def configure(self) -> None:
        """Configure the session."""
        raise NotImplementedError

    def ask(self, text: str) -> None:
        """Type a line and want an answer."""
        raise NotImplementedError

    def speak(self) -> None:
        """Send 20 ms of microphone."""
        raise NotImplementedError

    def hang_up(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.disconnect()


class AgentCaller(Caller):
    """A caller of the agent protocol, in the upstream's own format."""

    encoding, rate_hz = "linear16", 24_000
    microphone = MICROPHONE

    def configure(self) -> None:
        """Send Settings."""
        audio = {"encoding": self.encoding, "sample_rate": self.rate_hz}
        think = {"provider": {"type": "open_ai", "model": "gpt-realtime"}, "prompt": "be brief"}
        self.say(
            {
                "type": "Settings",
                "audio": {"input": audio, "output": {**audio, "container": "none"}},
                "agent": {"think": think},
            }
        )

    def ask(self, text: str) -> None:
        """Inject a message of the user's."""
        self.say({"type": "InjectUserMessage", "content": text})

    def speak(self) -> None:
        """Send 20 ms."""
        self._send(WSMsgType.BINARY, self.microphone)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take PCM, and the confirmation of the settings."""
        del transport
        if frame.msg_type is WSMsgType.BINARY:
            self._heard_audio(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.TEXT and (
            b'"SettingsApplied"' in frame.get_payload_as_bytes()
        ):
            self._ready.set()

    def _heard_audio(self, audio: bytes) -> None:
        self._heard(audio[:STAMP_BYTES])


class ForeignCaller(AgentCaller):
    """A caller in a format in which no stamp arrives whole: it shows cost, not delay."""

    def _heard_audio(self, audio: bytes) -> None:
        del audio
        self._heard(struct.pack("<q", time.monotonic_ns()))


class Caller16(ForeignCaller):
    """A caller at 16 kHz."""

    rate_hz = 16_000
    microphone = bytes(640)


class MulawCaller(ForeignCaller):
    """A caller from a telephone."""

    encoding, rate_hz = "mulaw", 8_000
    microphone = b"\xff" * 160


class RealtimeCaller(Caller):
    """A caller of the Realtime protocol, for what does not translate."""

    def configure(self) -> None:
        """Send a session.update."""
        session = {"type": "realtime", "instructions": "be brief"}
        self.say({"type": "session.update", "session": session})

    def ask(self, text: str) -> None:
        """Create an item and a response."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        self.say({"type": "conversation.item.create", "item": item})
        self.say({"type": "response.create"})

    def speak(self) -> None:
        """Send an append."""
        pcm = pybase64.b64encode(MICROPHONE)
        self._send(WSMsgType.TEXT, b'{"type":"input_audio_buffer.append","audio":"%b"}' % pcm)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take audio deltas, and the confirmation of the session."""
        del transport
        if frame.msg_type is not WSMsgType.TEXT:
            return
        text = frame.get_payload_as_bytes()
        if b'"response.output_audio.delta"' in text[:64]:
            start = text.index(b'"', text.index(b'"delta"') + len(b'"delta"')) + 1
            self._heard(pybase64.b64decode(text[start : start + 12])[:8])
        elif b'"session.updated"' in text[:64]:
            self._ready.set()


def _trusting() -> ssl.SSLContext:
    """Return a context for a certificate that this benchmark made itself."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def dial(kind: type[Caller], url: str) -> Caller:
    """Return a caller who has been configured."""
    caller = kind()
    context = _trusting() if url.startswith("wss:") else None
    await ws_connect(
        lambda: caller,
        url,
        ssl_context=context,
        extra_headers={"Authorization": f"Bearer {KEY}"},
        websocket_handshake_timeout=DEADLINE_S,
    )
    await caller.start()
    return caller


async def speak(callers: Sequence[Caller]) -> None:
    """Have them all speak, in frames of 20 ms in real time, until cancelled."""
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    while True:
        for caller in callers:
            caller.speak()
        due_s += FRAME_S
        await asyncio.sleep(due_s - loop.time())
