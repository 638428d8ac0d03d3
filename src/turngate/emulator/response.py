"""One response: its phases, its outputs, and the events that each step of it makes.

A response is accepted, then streams the steps of its score, then closes. Whatever ends it early
closes what is open, as the service does: the part, the item, then the response.
"""

import enum
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pybase64

from turngate.emulator.refusal import Json
from turngate.emulator.spoken import Mark, Spoken

TOKEN_MS = 50
"""A token of assistant audio."""


class Phase(enum.Enum):
    """Where a response is. Its slot is taken from ACCEPTED until OVER."""

    ACCEPTED = "accepted"
    STREAMING = "streaming"
    CLOSING = "closing"
    OVER = "over"


class OutputPhase(enum.Enum):
    """Where an output item of a response is."""

    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"


Kind: TypeAlias = Literal["text", "audio", "call", "mcp", "approval"]


@dataclass(slots=True, kw_only=True)
class OutputItem:
    """One output of a response. `wire` is the item as its next event carries it.

    kind: what it is made of. said: text, transcript or arguments so far. audio: bytes so far.
    laid_ms: audio laid out for it, sent or not. marks: where in that which word begins.
    result: what an mcp_call ends with, besides its arguments.
    """

    index: int
    kind: Kind
    wire: Json
    phase: OutputPhase = OutputPhase.PLANNED
    said: str = ""
    audio_bytes: int = 0
    laid_ms: float = 0
    marks: list[Mark] = field(default_factory=list[Mark])
    result: Json = field(default_factory=dict[str, Any])

    def lay(self, spoken: Spoken, bytes_per_ms: int) -> bytes:
        """Note the words of some more sound, and return its audio."""
        self.marks += [Mark(mark.word, self.laid_ms + mark.at_ms) for mark in spoken.marks]
        self.laid_ms += len(spoken.audio) / bytes_per_ms
        return spoken.audio

    @property
    def has_part(self) -> bool:
        """Whether it is a message, with content."""
        return self.kind in ("text", "audio")

    @property
    def part(self) -> Json:
        """The content part as content_part events carry it."""
        if self.kind == "audio":
            return {"type": "audio", "transcript": self.said}
        return {"type": "text", "text": self.said}

    def finished(self, status: str) -> Json:
        """Return the item as it ends."""
        if "status" in self.wire:
            self.wire["status"] = status
        match self.kind:
            case "call":
                self.wire["arguments"] = self.said
            case "text":
                self.wire["content"] = [{"type": "output_text", "text": self.said}]
            case "audio":
                self.wire["content"] = [{"type": "output_audio", "transcript": self.said}]
            case "mcp":
                self.wire["arguments"] = self.said
                self.wire.update(self.result)
            case "approval":
                pass
        return self.wire


@dataclass(frozen=True, slots=True)
class Begin:
    """Announce an output item."""

    output: OutputItem


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text, transcript or arguments."""

    output: OutputItem
    text: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of audio, encoded in the response's output format."""

    output: OutputItem
    audio: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Finish an output item."""

    output: OutputItem


Step: TypeAlias = Begin | Words | Sound | End

_DELTA = {
    "text": "response.output_text.delta",
    "audio": "response.output_audio_transcript.delta",
    "call": "response.function_call_arguments.delta",
    "mcp": "response.mcp_call_arguments.delta",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for one response, and what its events repeat of it.

    modality: of messages. audio: output format and voice. bytes_per_ms: of encoded
    output audio. repeats_part: Azure's content_part events.
    """

    modality: Literal["text", "audio"]
    max_output_tokens: int | str
    audio: Json
    metadata: Json | None
    bytes_per_ms: int
    repeats_part: bool


@dataclass(slots=True, kw_only=True)
class Response:
    """A response of the default conversation, or an out-of-band one.

    by_server: the server began it after speech. nth: its number on the connection, from 1.
    texts: what its outputs say. is_composed: the score, with its sound, is there. is_due: the model
    has thought long enough. is_cut: the score ends before the answer does.
    is_growing: a language model is still at it. is_starved: all that it said so far was played.
    """

    id: str
    nth: int
    conversation_id: str | None
    settings: Settings
    by_server: bool = False
    phase: Phase = Phase.ACCEPTED
    outputs: list[OutputItem] = field(default_factory=list[OutputItem])
    texts: tuple[str, ...] = ()
    score: deque[Step] = field(default_factory=deque[Step])
    pace_ms: float = 0
    announced_ms: float | None = None
    accepted_ms: float = 0
    input_tokens: int = 0
    is_composed: bool = False
    is_due: bool = False
    is_cut: bool = False
    is_growing: bool = False
    is_starved: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it occupies the conversation's one slot."""
        return self.conversation_id is not None

    def body(self, status: str, details: Json | None = None, usage: Json | None = None) -> Json:
        """Return the response object."""
        listed = [dict(output.wire) for output in self.outputs if output.phase is OutputPhase.DONE]
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": listed,
            "conversation_id": self.conversation_id,
            "output_modalities": [self.settings.modality],
            "max_output_tokens": self.settings.max_output_tokens,
            "audio": self.settings.audio,
            "usage": usage,
            "metadata": self.settings.metadata,
        }

    def at(self, output: OutputItem) -> Json:
        """Return the ids that every event about `output` carries."""
        place: Json = {
            "response_id": self.id,
            "item_id": output.wire["id"],
            "output_index": output.index,
        }
        if output.kind == "call":
            return {**place, "call_id": output.wire["call_id"]}
        return {**place, "content_index": 0} if output.has_part else place

    def words(self, step: Words, obfuscation: str) -> Json:
        """Say some more and return the event's fields."""
        step.output.said += step.text
        kind = _DELTA[step.output.kind]
        return {
            "type": kind,
            **self.at(step.output),
            "delta": step.text,
            "obfuscation": obfuscation,
        }

    def sound(self, step: Sound) -> Json:
        """Play some more and return the event's fields."""
        step.output.audio_bytes += len(step.audio)
        return {
            "type": "response.output_audio.delta",
            **self.at(step.output),
            "delta": pybase64.b64encode_as_string(step.audio),
        }

    def closing(self, output: OutputItem, *, text_first: bool = False) -> Iterator[Json]:
        """Yield the events that end the content of an open `output`, without its item events."""
        place = self.at(output)
        match output.kind:
            case "call":
                yield {
                    "type": "response.function_call_arguments.done",
                    **place,
                    "name": output.wire["name"],
                    "arguments": output.said,
                }
                return
            case "mcp":
                done = "response.mcp_call_arguments.done"
                yield {"type": done, **place, "arguments": output.said}
                called = {"item_id": place["item_id"], "output_index": place["output_index"]}
                yield {"type": "response.mcp_call.in_progress", **called}
                word = "failed" if output.result.get("error") else "completed"
                yield {"type": f"response.mcp_call.{word}", **called}
                return
            case "approval":
                return
            case "text":
                yield {"type": "response.output_text.done", **place, "text": output.said}
            case "audio":
                audio = {"type": "response.output_audio.done", **place}
                said = {
                    "type": "response.output_audio_transcript.done",
                    **place,
                    "transcript": output.said,
                }
                yield from (said, audio) if text_first else (audio, said)
        yield self.part_event("done", output)

    def part_event(self, word: Literal["added", "done"], output: OutputItem) -> Json:
        """Return content_part.added or .done, of which Azure's shows the part twice."""
        event = {"type": f"response.content_part.{word}", **self.at(output), "part": output.part}
        return {**event, "content": output.part} if self.settings.repeats_part else event

    def usage(self) -> Json:
        """Return token counts by the service's rules of thumb: 4 letters, 50 ms of audio."""
        text = sum(len(output.said) // 4 + 1 for output in self.outputs)
        audio_bytes = sum(output.audio_bytes for output in self.outputs)
        audio = audio_bytes // (TOKEN_MS * self.settings.bytes_per_ms)
        return {
            "total_tokens": self.input_tokens + text + audio,
            "input_tokens": self.input_tokens,
            "output_tokens": text + audio,
            "input_token_details": {
                "text_tokens": self.input_tokens,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": 0,
                "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
            },
            "output_token_details": {"text_tokens": text, "audio_tokens": audio},
        }
