"""The fields of the agent's configuration that become fields of the upstream's `session`.

Each row names a field of `Settings`, the field of the session that it becomes, and how. The rows
do the work, and the reference page is printed from them, so the page cannot be wrong.

Sources: Deepgram Voice Agent API, Settings; OpenAI Realtime API reference, session.
"""

from collections.abc import Callable
from typing import Generic, Literal, TypeAlias, TypeVar, get_args

from msgspec import UNSET, Struct

from turngate.core.patch import Path
from turngate.dialects import formats, tools
from turngate.errors import SettingsRefused
from turngate.wire import agent

T = TypeVar("T")

Voice: TypeAlias = Literal[
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"
]
VOICES: frozenset[str] = frozenset(get_args(Voice))
SPEED_RANGE = (0.25, 1.5)
TRANSCRIBER = "gpt-4o-transcribe"

VOICE_PATH: Path = ("audio", "output", "voice")
"""What the upstream fixes with its first audio."""

PROMPT_PATH: Path = ("instructions",)
PROMPT_CHARACTERS = 25_000
"""The longest prompt that the protocol foresees; beyond it nothing is added to one."""


NULL = object()
"""What a row reads where the session is to have null."""


class Row(Struct, Generic[T], frozen=True):
    """One field: where it stands, what it becomes, and how its value is read; None is left out.

    A block of an `Update...` message replaces the one before it as a whole. `otherwise` is what
    the session gets where the new block leaves the field out; `UNSET`, the old value stays.
    """

    source: str
    target: str
    read: Callable[[T], object]
    note: str = ""
    otherwise: object = UNSET


def first_think(think: agent.OneOrMoreThink | None) -> agent.ThinkSettings | None:
    """Return the entry in use; what stands behind it are its fallbacks."""
    return next(iter(think), None) if isinstance(think, tuple) else think


def first_speak(speak: agent.OneOrMoreSpeak | None) -> agent.SpeakSettings | None:
    """Return the entry in use, as `first_think`."""
    return next(iter(speak), None) if isinstance(speak, tuple) else speak


# -- audio


AUDIO: tuple[Row[agent.AudioSettings], ...] = (
    Row(
        "audio.input",
        "audio.input.format",
        lambda audio: formats.input_format(audio).session_format,
        f"{formats.available()}; linear16 is resampled, the others pass as they are",
    ),
    Row(
        "audio.output",
        "audio.output.format",
        lambda audio: formats.output_format(audio).session_format,
        "the same; with the container wav a header before the first audio of each turn",
    ),
)

# -- think

NO_THINK = agent.ThinkSettings(provider=agent.ThinkProvider())


def _instructions(think: agent.ThinkSettings) -> object:
    """Return the prompt; with a stored one and no other, nothing, for "" would overrule it."""
    if think.prompt is None and _stored_prompt(think) is not None:
        return None
    return think.prompt or ""


def _tools(think: agent.ThinkSettings) -> object:
    return [tools.tool_of(function) for function in think.functions or ()]


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


def _tokens(think: agent.ThinkSettings) -> object:
    wanted = think.max_output_tokens
    if wanted is not None and wanted < 1:
        raise SettingsRefused("agent.think.maxOutputTokens", "a positive number")
    return wanted


THINK: tuple[Row[agent.ThinkSettings], ...] = (
    Row(
        "agent.think.prompt",
        "instructions",
        _instructions,
        "empty where left out, unless there is a managedPrompt",
    ),
    Row(
        "agent.think.functions",
        "tools",
        _tools,
        "each becomes a function tool, beside those that the operator offers",
    ),
    Row(
        "agent.think.toolChoice",
        "tool_choice",
        lambda think: think.tool_choice,
        otherwise="auto",
    ),
    Row(
        "agent.think.outputModalities",
        "output_modalities",
        _modalities,
        'either ["text"] or ["audio"]',
        otherwise=["audio"],
    ),
    Row(
        "agent.think.maxOutputTokens",
        "max_output_tokens",
        _tokens,
        "a positive number",
        otherwise="inf",
    ),
    Row("agent.think.managedPrompt", "prompt", _stored_prompt, "where its id is not empty"),
)

# -- speak


def voice_of(speak: agent.SpeakSettings) -> str | None:
    """Return the upstream's voice that an entry names; None where the upstream has none such."""
    named = speak.provider.voice or speak.provider.model
    return named if isinstance(named, str) and named in VOICES else None


def _speed(speak: agent.SpeakSettings) -> object:
    return in_range(speak.provider.speed, "agent.speak.provider.speed")


def in_range(speed: float | None, field: str) -> float | None:
    """Return a rate of speech that can be had.

    Raises:
        SettingsRefused: It is out of range.

    """
    low, high = SPEED_RANGE
    if speed is None or low <= speed <= high:
        return speed
    raise SettingsRefused(field, f"between {low} and {high}")


SPEAK: tuple[Row[agent.SpeakSettings], ...] = (
    Row(
        "agent.speak.provider.voice",
        "audio.output.voice",
        voice_of,
        "a voice of the upstream's, also as provider.model; others leave the voice as it is",
    ),
    Row(
        "agent.speak.provider.speed",
        "audio.output.speed",
        _speed,
        "{} to {}".format(*SPEED_RANGE),
        otherwise=1.0,
    ),
)

# -- listen


def _language(listen: agent.ListenSettings) -> object:
    provider = listen.provider
    hints = provider.language_hints or provider.language_hint or ()
    hinted = (hints,) if isinstance(hints, str) else hints
    # Several hints mean that any of them may be spoken; to name one would garble the others.
    wanted = provider.language or (hinted[0] if len(hinted) == 1 else None)
    return None if wanted in (None, "multi") else wanted.split("-", maxsplit=1)[0]


def _keyterms(listen: agent.ListenSettings) -> object:
    return ", ".join(listen.provider.keyterms) if listen.provider.keyterms else None


USUAL_CONFIDENCE, USUAL_SILENCE_MS = 0.7, 500
"""What ends a turn where nothing is said: in the protocol, and upstream."""

CONFIDENCE_RANGE = (0.5, 1.0)
CONFIDENCE_STEP = 0.25
"""So much more confidence asks for twice the silence."""


def _silence_ms(listen: agent.ListenSettings) -> object:
    wanted = listen.provider.eot_threshold
    if wanted is None:
        return None
    low, high = CONFIDENCE_RANGE
    steps = (min(max(wanted, low), high) - USUAL_CONFIDENCE) / CONFIDENCE_STEP
    return round(USUAL_SILENCE_MS * 2**steps)


LISTEN: tuple[Row[agent.ListenSettings], ...] = (
    Row(
        "agent.listen.provider.language",
        "audio.input.transcription.language",
        _language,
        "without its region; multi leaves it open, and so do several language_hints",
        otherwise=None,
    ),
    Row(
        "agent.listen.provider.keyterms",
        "audio.input.transcription.prompt",
        _keyterms,
        "joined by commas",
        otherwise="",
    ),
    Row(
        "agent.listen.provider.eot_threshold",
        "audio.input.turn_detection.silence_duration_ms",
        _silence_ms,
        f"{USUAL_SILENCE_MS} ms of silence end a turn at {USUAL_CONFIDENCE}, twice as much at"
        f" {CONFIDENCE_STEP} more",
    ),
)
