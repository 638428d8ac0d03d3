"""From the agent protocol's configuration to the upstream's `session`, field by field.

Each row names a field of `Settings`, the field of the session that it becomes, and how. The rows
do the work, and the reference page is printed from them, so the page cannot be wrong. A row
without a target says what happens to the field instead.

Sources: Deepgram Voice Agent API, Settings; OpenAI Realtime API reference, session.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Generic, TypeVar

from msgspec import Struct

from turngate.core.patch import Path
from turngate.errors import SettingsRefused
from turngate.units import RATE_HZ
from turngate.wire import agent

T = TypeVar("T")

VOICES = frozenset(
    {"alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"}
)
SPEED_RANGE = (0.25, 1.5)
TRANSCRIBER = "gpt-4o-transcribe"

VOICE_PATH: Path = ("audio", "output", "voice")
"""What the upstream fixes with its first audio."""


class Row(Struct, Generic[T], frozen=True):
    """One field: where it stands, what it becomes, and how its value is read."""

    source: str
    target: str
    read: Callable[[T], object]
    note: str = ""


class Kept(Struct, frozen=True):
    """A field without a counterpart, and what happens to it."""

    source: str
    note: str


def _first_think(think: agent.OneOrMoreThink | None) -> agent.ThinkSettings | None:
    """Return the entry in use; what stands behind it are its fallbacks."""
    return next(iter(think), None) if isinstance(think, tuple) else think


def _first_speak(speak: agent.OneOrMoreSpeak | None) -> agent.SpeakSettings | None:
    return next(iter(speak), None) if isinstance(speak, tuple) else speak


# -- audio


def _pcm(source: str, encoding: str | None, rate_hz: int | None) -> dict[str, Any]:
    if encoding not in (None, "linear16"):
        raise SettingsRefused(f"{source}.encoding", "only linear16 is available yet")
    if rate_hz not in (None, RATE_HZ):
        raise SettingsRefused(f"{source}.sample_rate", f"only {RATE_HZ} Hz is available yet")
    return {"type": "audio/pcm", "rate": RATE_HZ}


def _input_format(audio: agent.AudioSettings) -> object:
    wanted = audio.input or agent.AudioInput()
    return _pcm("audio.input", wanted.encoding, wanted.sample_rate)


def _output_format(audio: agent.AudioSettings) -> object:
    wanted = audio.output or agent.AudioOutput()
    if wanted.container not in (None, "none"):
        raise SettingsRefused("audio.output.container", "only none is available yet")
    return _pcm("audio.output", wanted.encoding, wanted.sample_rate)


AUDIO: tuple[Row[agent.AudioSettings], ...] = (
    Row("audio.input", "audio.input.format", _input_format, "linear16 at 24000 Hz"),
    Row("audio.output", "audio.output.format", _output_format, "linear16 at 24000 Hz"),
)

# -- think


def _tool(function: agent.Function) -> dict[str, Any]:
    tool: dict[str, Any] = {"type": "function", "name": function.name}
    if function.description is not None:
        tool["description"] = function.description
    tool["parameters"] = function.parameters or {"type": "object", "properties": {}}
    return tool


def _tools(think: agent.ThinkSettings) -> object:
    return [_tool(function) for function in think.functions or ()]


def _stored_prompt(think: agent.ThinkSettings) -> object:
    prompt = think.managed_prompt
    if prompt is None or not prompt.id:
        return None
    parts = {"id": prompt.id, "version": prompt.version, "variables": prompt.variables}
    return {key: value for key, value in parts.items() if value is not None}


def _modalities(think: agent.ThinkSettings) -> object:
    wanted = think.output_modalities
    if wanted is None:
        return None
    if wanted not in {("text",), ("audio",)}:
        raise SettingsRefused("agent.think.outputModalities", 'either ["text"] or ["audio"]')
    return list(wanted)


THINK: tuple[Row[agent.ThinkSettings], ...] = (
    Row("agent.think.prompt", "instructions", lambda think: think.prompt or ""),
    Row(
        "agent.think.functions", "tools", _tools, "each becomes a function tool; run by the client"
    ),
    Row("agent.think.toolChoice", "tool_choice", lambda think: think.tool_choice),
    Row("agent.think.outputModalities", "output_modalities", _modalities),
    Row("agent.think.maxOutputTokens", "max_output_tokens", lambda think: think.max_output_tokens),
    Row("agent.think.managedPrompt", "prompt", _stored_prompt, "where its id is not empty"),
)

# -- speak


def _voice(speak: agent.SpeakSettings) -> object:
    named = speak.provider.voice or speak.provider.model
    return named if isinstance(named, str) and named in VOICES else None


def _speed(speak: agent.SpeakSettings) -> object:
    speed = speak.provider.speed
    if speed is None:
        return None
    low, high = SPEED_RANGE
    if not low <= speed <= high:
        raise SettingsRefused("agent.speak.provider.speed", f"between {low} and {high}")
    return speed


SPEAK: tuple[Row[agent.SpeakSettings], ...] = (
    Row(
        "agent.speak.provider.voice",
        "audio.output.voice",
        _voice,
        "a voice of the upstream's, also as provider.model; others leave the voice as it is",
    ),
    Row("agent.speak.provider.speed", "audio.output.speed", _speed, "0.25 to 1.5"),
)

# -- listen


def _language(listen: agent.ListenSettings) -> object:
    provider = listen.provider
    hints = provider.language_hints or provider.language_hint
    hint = hints[0] if isinstance(hints, tuple) and hints else hints
    wanted = provider.language or hint or None
    return None if wanted in (None, "multi") else str(wanted).split("-", maxsplit=1)[0]


def _keyterms(listen: agent.ListenSettings) -> object:
    return ", ".join(listen.provider.keyterms) if listen.provider.keyterms else None


LISTEN: tuple[Row[agent.ListenSettings], ...] = (
    Row(
        "agent.listen.provider.language",
        "audio.input.transcription.language",
        _language,
        "without its region; multi leaves it open; language_hints: the first",
    ),
    Row(
        "agent.listen.provider.keyterms",
        "audio.input.transcription.prompt",
        _keyterms,
        "joined by commas",
    ),
)

KEPT: tuple[Kept, ...] = (
    Kept("agent.greeting", "spoken word for word once the session is configured"),
    Kept("agent.context.messages", "replayed as items of the conversation; no greeting then"),
    Kept("agent.language", "ignored; it is deprecated for agent.listen.provider.language"),
    Kept("agent.think.provider", "ignored; the operator chooses the upstream and its model"),
    Kept("agent.think.endpoint", "ignored; a URL of a client's is never called"),
    Kept("agent.think.functions[].endpoint", "ignored; the client is asked to run the function"),
    Kept("agent.listen.provider.model", f"ignored; the transcription model is {TRANSCRIBER}"),
    Kept("agent.speak[1:], agent.think[1:]", "ignored; the first entry is used"),
    Kept("flags.history", "History follows each ConversationText unless it is false"),
    Kept("tags, experimental, mip_opt_out", "ignored"),
)


def own(*, server_turns: bool, voice: str | None) -> dict[str, Any]:
    """Return what turngate decides itself: who answers speech, and how speech is written down.

    With `create_response` false the server never takes the slot by itself, and nothing can cross a
    request of ours. `interrupt_response` lets it stop speaking without waiting for us.
    """
    turns = {
        "type": "server_vad",
        "create_response": server_turns,
        "interrupt_response": True,
    }
    heard = {"transcription": {"model": TRANSCRIBER}, "turn_detection": turns}
    output = {"voice": voice} if voice else {}
    return {"output_modalities": ["audio"], "audio": {"input": heard, "output": output}}


def from_settings(settings: agent.Settings, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole session that `settings` asks for, on top of turngate's own `base`.

    Raises:
        SettingsRefused: A field has a value that cannot be had; it is named.

    """
    if isinstance(settings.agent, str):
        raise SettingsRefused("agent", "stored agents are not available yet; send an object")
    patch = deepcopy(dict(base))  # filling one session must not touch the next one's
    _fill(patch, AUDIO, settings.audio)
    _fill(patch, THINK, _first_think(settings.agent.think))
    _fill(patch, SPEAK, _first_speak(settings.agent.speak))
    _fill(patch, LISTEN, settings.agent.listen)
    return patch


def from_think(think: agent.OneOrMoreThink) -> dict[str, Any]:
    """Return what a new think block changes; the prompt and the functions are replaced."""
    return _fill({}, THINK, _first_think(think))


def from_speak(speak: agent.OneOrMoreSpeak) -> dict[str, Any]:
    """Return what a new speak block changes."""
    return _fill({}, SPEAK, _first_speak(speak))


def from_listen(listen: agent.ListenSettings) -> dict[str, Any]:
    """Return what a new listen block changes."""
    return _fill({}, LISTEN, listen)


def client_field(param: str) -> str:
    """Return the client's own name for a field that the upstream names in a refusal."""
    target = param.removeprefix("session.")
    rows = (*AUDIO, *THINK, *SPEAK, *LISTEN)
    fits = [row for row in rows if (target + ".").startswith((row.target + ".", row.target + "["))]
    return max(fits, key=lambda row: len(row.target)).source if fits else param


def _fill(patch: dict[str, Any], rows: tuple[Row[T], ...], block: T | None) -> dict[str, Any]:
    if block is None:
        return patch
    for row in rows:
        value = row.read(block)
        if value is not None:
            _put(patch, row.target.split("."), value)
    return patch


def _put(patch: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for key in parents:
        patch = patch.setdefault(key, {})
    patch[last] = value
