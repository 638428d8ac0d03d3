"""From the agent protocol's configuration to the upstream's `session`, field by field.

The rows do the work: `settings_rows`, and `settings_component` for the keys of a React voice
component. What becomes of the fields that have no row stands in `settings_kept`.

Sources: Deepgram Voice Agent API, Settings; OpenAI Realtime API reference, session.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from msgspec import UNSET

from turngate.dialects import tools
from turngate.dialects.settings_component import COMPONENT, IDLE
from turngate.dialects.settings_rows import (
    AUDIO,
    LISTEN,
    NO_THINK,
    NULL,
    SPEAK,
    THINK,
    TRANSCRIBER,
    Row,
    first_speak,
    first_think,
)
from turngate.errors import SettingsRefused
from turngate.wire import agent

T = TypeVar("T")


def own(
    *, server_turns: bool, voice: str | None, offered: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return what turngate decides itself: who answers speech, and how speech is written down.

    `offered` are the tools that the operator offers to every session.

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
    session = {"output_modalities": ["audio"], "audio": {"input": heard, "output": output}}
    return {**session, "tools": list(offered)} if offered else session


def functions(think: agent.OneOrMoreThink | None) -> tuple[agent.Function, ...]:
    """Return the functions that a think block declares."""
    block = first_think(think)
    return (block.functions or ()) if block else ()


def from_settings(settings: agent.Settings, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole session that `settings` asks for, on top of turngate's own `base`.

    Prompt and functions are always part of it: left out, they are empty, whatever was before.

    Raises:
        SettingsRefused: A field has a value that cannot be had; it is named.

    """
    if isinstance(settings.agent, str):
        raise SettingsRefused("agent", "a stored agent was not looked up")
    patch = deepcopy(dict(base))  # filling one session must not touch the next one's
    _fill(patch, AUDIO, settings.audio)
    _fill(patch, THINK, first_think(settings.agent.think) or NO_THINK)
    tools.offer(patch, base)
    _fill(patch, SPEAK, first_speak(settings.agent.speak))
    _fill(patch, LISTEN, settings.agent.listen)
    return _fill(patch, COMPONENT, settings.agent)


def from_think(think: agent.OneOrMoreThink, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new think block changes: what it leaves out is cleared.

    The tools of turngate's own `base` stay.

    Raises:
        SettingsRefused: A field has a value that cannot be had; it is named.

    """
    return tools.offer(_replaced({}, THINK, first_think(think)), base)


def from_speak(speak: agent.OneOrMoreSpeak) -> dict[str, Any]:
    """Return what a new speak block changes; without a voice that is known, the old one stays.

    Raises:
        SettingsRefused: A field has a value that cannot be had; it is named.

    """
    return _replaced({}, SPEAK, first_speak(speak))


def from_listen(listen: agent.ListenSettings, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new listen block changes; who answers speech stays as in turngate's own `base`.

    The model is repeated: a server fills in its own defaults for what a `transcription` lacks.
    """
    patch = {"audio": {"input": {"transcription": {"model": TRANSCRIBER}}}}
    return _with_own_turns(_replaced(patch, LISTEN, listen), base)


def _with_own_turns(patch: dict[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Say again how turns are detected and who answers them, where a part of it changes.

    A server fills in its own defaults for what a `turn_detection` lacks, and would answer by itself.
    """
    heard = patch["audio"]["input"]
    if "turn_detection" in heard:
        own = base.get("audio", {}).get("input", {}).get("turn_detection", {})
        heard["turn_detection"] = {**own, **heard["turn_detection"]}
    return patch


def client_field(param: str) -> str:
    """Return the client's own name for a field that the upstream names in a refusal."""
    target = param.removeprefix("session.")
    rows = (*AUDIO, *THINK, *SPEAK, *LISTEN, IDLE)
    fits = [row for row in rows if (target + ".").startswith((row.target + ".", row.target + "["))]
    return max(fits, key=lambda row: len(row.target)).source if fits else param


def _fill(patch: dict[str, Any], rows: tuple[Row[T], ...], block: T | None) -> dict[str, Any]:
    if block is None:
        return patch
    for row in rows:
        value = row.read(block)
        if value is not None:
            _put(patch, row.target.split("."), None if value is NULL else value)
    return patch


def _replaced(patch: dict[str, Any], rows: tuple[Row[T], ...], block: T | None) -> dict[str, Any]:
    """As `_fill`, and clear what the block leaves out."""
    if block is None:
        return patch
    for row in rows:
        value = row.read(block)
        if value is None:
            value = row.otherwise
        if value is not UNSET:
            _put(patch, row.target.split("."), value)
    return patch


def _put(patch: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for key in parents:
        patch = patch.setdefault(key, {})
    patch[last] = value
