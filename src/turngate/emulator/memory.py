"""A client of the emulated server without sockets, in virtual time: for tests of rules and orders.

Time passes only by `wait` and `settle`, so nothing sleeps and every run is the same.
"""

import base64
from typing import Any

import msgspec

from turngate.emulator.connection import Connection
from turngate.emulator.hearing import Ear
from turngate.emulator.knobs import Knobs
from turngate.emulator.outbox import Close, Drop, Effect, Freeze, Send, Speak, Think
from turngate.emulator.refusal import Json
from turngate.emulator.script import FunctionCall, Message, Script
from turngate.emulator.spoken import Spoken, tone_speech

LONGEST_MS = 600_000.0
"""`settle` gives up after this much virtual time."""


class MemoryClient:
    """Connected from the start. `events` is everything the server sent, decoded and in order.

    `thinking` is what a language model was asked for.
    """

    def __init__(
        self,
        knobs: Knobs | None = None,
        script: Script | None = None,
        model: str = "gpt-realtime",
        ear: Ear | None = None,
    ) -> None:
        self.connection = Connection(
            knobs=knobs or Knobs(), script=script or Script(), model=model, ear=ear
        )
        self.now_ms = 0.0
        self.frames: list[bytes] = []
        self.events: list[Json] = []
        self.thinking: list[Think] = []
        self._cursor = 0
        self.ending: Close | Drop | Freeze | None = None
        self._perform(self.connection.open())

    @property
    def types(self) -> list[str]:
        """The types of all events so far, in order."""
        return [event["type"] for event in self.events]

    def send(self, event_type: str, **fields: Any) -> list[Json]:
        """Send one event and return what came back at once."""
        return self.send_frame(msgspec.json.encode({"type": event_type, **fields}))

    def send_frame(self, frame: bytes, *, is_binary: bool = False) -> list[Json]:
        """Send one raw frame and return what came back at once."""
        self._cursor = len(self.events)
        effects = self.connection.receive(frame, self.now_ms, is_binary=is_binary)
        return self._perform(effects)

    def wait(self, length_ms: float) -> list[Json]:
        """Let time pass and return what came meanwhile."""
        end_ms = self.now_ms + length_ms
        seen = len(self.events)
        while (due_ms := self.connection.next_ms) is not None and due_ms <= end_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self._perform(self.connection.advance(self.now_ms))
        self.now_ms = end_ms
        self._perform(self.connection.advance(self.now_ms))
        return self.events[seen:]

    def settle(self) -> list[Json]:
        """Let time pass until nothing more is due and return what came meanwhile."""
        seen = len(self.events)
        while (due_ms := self.connection.next_ms) is not None and due_ms < LONGEST_MS:
            self.wait(max(0.0, due_ms - self.now_ms))
        return self.events[seen:]

    def until(self, event_type: str) -> Json:
        """Return the next event of a type since the last `send` or `until`, letting time pass.

        Raises:
            LookupError: The server falls silent before.

        """
        while event_type not in self.types[self._cursor :]:
            due_ms = self.connection.next_ms
            if due_ms is None:
                raise LookupError(f"no {event_type} came")
            self.wait(max(0.0, due_ms - self.now_ms))
        self._cursor += self.types[self._cursor :].index(event_type) + 1
        return self.events[self._cursor - 1]

    def say(self, text: str) -> list[Json]:
        """Create a user message."""
        content = [{"type": "input_text", "text": text}]
        return self.send(
            "conversation.item.create", item={"type": "message", "role": "user", "content": content}
        )

    def output(self, call_id: str, output: str = "{}") -> list[Json]:
        """Create a function_call_output."""
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        return self.send("conversation.item.create", item=item)

    def update(self, **session: Any) -> list[Json]:
        """Send a session.update."""
        return self.send("session.update", session={"type": "realtime", **session})

    def hear(self, pcm: bytes, chunk_bytes: int = 960) -> list[Json]:
        """Append s16le audio in chunks, all at once as the wall clock goes."""
        seen = len(self.events)
        for start in range(0, len(pcm), chunk_bytes):
            audio = base64.b64encode(pcm[start : start + chunk_bytes]).decode()
            self.send("input_audio_buffer.append", audio=audio)
        return self.events[seen:]

    def think(self, *outputs: Message | FunctionCall, failure: str | None = None) -> list[Json]:
        """Say what the language model was asked for first, and come to its end."""
        seen, asked = len(self.events), self.thinking.pop(0)
        for output in outputs:
            sound = Spoken(b"")
            if isinstance(output, Message) and asked.audio_format:
                sound = tone_speech(output.text, asked.audio_format)
            self._perform(self.connection.thought(asked.response_id, output, sound, self.now_ms))
        ended = self.connection.thought_through(asked.response_id, self.now_ms, failure)
        self._perform(ended)
        return self.events[seen:]

    def of(self, event_type: str) -> list[Json]:
        """Return all events of a type so far."""
        return [event for event in self.events if event["type"] == event_type]

    def _perform(self, effects: list[Effect]) -> list[Json]:
        seen = len(self.events)
        for effect in effects:
            match effect:
                case Send(frame, is_binary):
                    self.frames.append(frame)
                    if not is_binary:
                        self._read(frame)
                case Speak(response_id, texts, audio_format):
                    sound = [tone_speech(text, audio_format) for text in texts]
                    self._perform(self.connection.spoken(response_id, sound, self.now_ms))
                case Think():
                    self.thinking.append(effect)
                case Close() | Drop() | Freeze():
                    self.ending = effect
        return self.events[seen:]

    def _read(self, frame: bytes) -> None:
        try:
            event = msgspec.json.decode(frame)
        except msgspec.DecodeError:
            return
        if isinstance(event, dict):
            self.events.append(event)  # pyright: ignore[reportUnknownArgumentType]  checked above
