"""The session: its fields, their defaults, and the rule by which an update changes them.

Only present fields change; null clears; an unknown key refuses the whole update.
Source: Realtime API reference, session object; order and defaults as on the wire.
"""

import copy
from typing import Any, cast

from turngate.emulator import refusal
from turngate.emulator.knobs import Knobs
from turngate.emulator.refusal import Json, Refusal
from turngate.emulator.schema import (
    anything,
    choice,
    each,
    either,
    fields,
    flag,
    nullable,
    number,
    short_text,
    tagged,
    text,
    tree,
    whole,
    word_or_object,
)

VOICES = (
    "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar",
)  # fmt: skip
DEFAULT_INSTRUCTIONS = "You are a helpful, witty, and friendly AI. Talk quickly."
LIFETIME_S = 3600
"""expires_at is this long after the session began."""

EAGERNESS_MS = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}
"""How long semantic turn detection waits for more at most."""

AUDIO_FORMAT = tagged(
    {
        "audio/pcm": fields({"type": text, "rate": whole(24000, 24000)}, ("type",)),
        "audio/pcmu": fields({"type": text}, ("type",)),
        "audio/pcma": fields({"type": text}, ("type",)),
    }
)
TURN_DETECTION = tagged(
    {
        "server_vad": fields(
            {
                "type": text,
                "threshold": number(0, 1),
                "prefix_padding_ms": whole(0),
                "silence_duration_ms": whole(0),
                "idle_timeout_ms": nullable(whole(5000, 30000)),
                "create_response": flag,
                "interrupt_response": flag,
            }
        ),
        "semantic_vad": fields(
            {
                "type": text,
                "eagerness": choice("low", "medium", "high", "auto"),
                "create_response": flag,
                "interrupt_response": flag,
            }
        ),
    },
    default="server_vad",
)
TRANSCRIPTION = fields(
    {
        "model": text,
        "language": nullable(text),
        "languages": nullable(each(text)),
        "prompt": nullable(text),
        "keywords": nullable(each(text)),
        "delay": anything,
    }
)
NOISE_REDUCTION = fields(
    {"type": choice("near_field", "far_field"), "strength": number(0, 1)}, ("type",)
)
VOICE = word_or_object(VOICES, fields({"id": text}, ("id",)))
TOOL = tagged(
    {
        "function": fields(
            {"type": text, "name": text, "description": nullable(text), "parameters": anything},
            ("name",),
        ),
        "mcp": anything,
    }
)
TOOL_CHOICE = word_or_object(
    ("none", "auto", "required"),
    tagged({"function": fields({"type": text, "name": text}, ("name",)), "mcp": anything}),
)


def modalities(value: Any, path: str) -> None:
    """Accept ["text"] or ["audio"], not both."""
    each(choice("text", "audio"))(value, path)
    if len(value) != 1:
        raise refusal.invalid(path, f"Invalid '{path}': expected ['text'] or ['audio'].")


MAX_OUTPUT_TOKENS = either("inf", whole(1, 4096))
METADATA_PAIRS = 16


def metadata(value: Any, path: str) -> None:
    """Accept at most 16 pairs, keys to 64 and values to 512 characters."""
    tree(value, path)
    pairs = cast("Json", value)
    if len(pairs) > METADATA_PAIRS:
        raise refusal.invalid(path, f"Invalid '{path}': more than {METADATA_PAIRS} properties.")
    for name, entry in pairs.items():
        short_text(64)(name, path)
        short_text(512)(entry, f"{path}.{name}")


AUDIO_OUTPUT = {"format": AUDIO_FORMAT, "voice": VOICE}
SESSION = fields(
    {
        "type": text,
        "model": text,
        "output_modalities": modalities,
        "instructions": text,
        "tools": each(TOOL),
        "tool_choice": TOOL_CHOICE,
        "parallel_tool_calls": flag,
        "reasoning": nullable(fields({"effort": text})),
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "tracing": nullable(either("auto", fields(
            {"workflow_name": text, "group_id": text, "metadata": anything}
        ))),
        "truncation": word_or_object(("auto", "disabled"), anything),
        "prompt": nullable(fields({"id": text, "version": nullable(text), "variables": anything})),
        "include": nullable(each(choice("item.input_audio_transcription.logprobs"))),
        "audio": fields(
            {
                "input": fields(
                    {
                        "format": AUDIO_FORMAT,
                        "transcription": nullable(TRANSCRIPTION),
                        "noise_reduction": nullable(NOISE_REDUCTION),
                        "turn_detection": nullable(TURN_DETECTION),
                    }
                ),
                "output": fields({**AUDIO_OUTPUT, "speed": number(0.25, 1.5)}),
            }
        ),
    }
)  # fmt: skip


def is_reasoning(model: str) -> bool:
    """Whether `model` is of the gpt-realtime-2 family, which has phases and longer silences."""
    return model.startswith("gpt-realtime-2")


class Session:
    """The effective configuration of one connection."""

    def __init__(self, session_id: str, model: str, created_s: int, knobs: Knobs) -> None:
        self._knobs = knobs
        self.model = model
        self.effective: Json = {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": model,
            "output_modalities": ["audio"],
            "instructions": DEFAULT_INSTRUCTIONS,
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "truncation": "auto",
            "prompt": None,
            "expires_at": created_s + LIFETIME_S,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24000},
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": self._server_vad(),
                },
                "output": {
                    "format": {"type": "audio/pcm", "rate": 24000},
                    "voice": knobs.default_voice or ("marin" if is_reasoning(model) else "alloy"),
                    "speed": 1.0,
                },
            },
            "include": None,
        }

    def _server_vad(self) -> Json:
        silence_ms = self._knobs.silence_duration_ms
        if silence_ms is None:
            silence_ms = 500 if is_reasoning(self.model) else 200
        return {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": silence_ms,
            "idle_timeout_ms": None,
            "create_response": True,
            "interrupt_response": True,
        }

    @property
    def turn_detection(self) -> Json | None:
        """The turn detection in force, complete, or None for manual commits."""
        return self.effective["audio"]["input"]["turn_detection"]

    def snapshot(self) -> Json:
        """Return a copy as session.created and session.updated carry it."""
        return copy.deepcopy(self.effective)

    def update(self, given: Json, *, assistant_audio: bool, active: bool) -> None:
        """Lay `given` over the configuration, whole or not at all.

        Raises:
            Refusal: No type, an unknown key, a bad value, another model, another voice after
                assistant audio, another speed while a response is active; the field is named.

        """
        if "type" not in given:
            raise refusal.missing("session.type")
        if given["type"] == "transcription":
            message = (
                "Passing a transcription session update event to a realtime session is not allowed."
            )
            raise Refusal("invalid_value", message, "session.type")
        choice("realtime")(given["type"], "session.type")
        SESSION(given, "session")
        is_other = given.get("model", self.model) != self.model
        if is_other and self._knobs.other_model == "refuse":
            raise refusal.invalid("session.model", "The model of a session cannot be changed.")
        output: Json = given.get("audio", {}).get("output", {})
        current: Json = self.effective["audio"]["output"]
        if assistant_audio and output.get("voice", current["voice"]) != current["voice"]:
            message = "Cannot update a conversation's voice if assistant audio is present."
            raise Refusal("cannot_update_voice", message)
        if active and output.get("speed", current["speed"]) != current["speed"]:
            message = "The speed of a session can only be changed between turns."
            raise Refusal("invalid_value", message, "session.audio.output.speed")
        self._lay_over(given)

    def _lay_over(self, given: Json) -> None:
        for name, value in given.items():
            if name == "audio":
                for side, settings in value.items():
                    for field, setting in settings.items():
                        self.effective["audio"][side][field] = self._filled(field, setting)
            elif name == "model":
                continue
            elif name == "instructions":
                self.effective[name] = value or DEFAULT_INSTRUCTIONS
            else:
                self.effective[name] = copy.deepcopy(value)

    def _filled(self, field: str, setting: Any) -> Any:
        """Return an audio setting with what a partial one leaves out."""
        if not isinstance(setting, dict):
            return setting
        given = cast("Json", setting)
        blank: Json = {}
        match field:
            case "turn_detection" if given.get("type") == "semantic_vad":
                blank = {"type": "semantic_vad", "eagerness": "auto"}
                blank |= {"create_response": True, "interrupt_response": True}
            case "turn_detection":
                blank = self._server_vad()
            case "transcription":
                blank = {"model": "whisper-1", "language": None, "prompt": None}
            case "format" if given["type"] == "audio/pcm":
                blank = {"type": "audio/pcm", "rate": 24000}
            case _:
                pass
        return {**blank, **given}
