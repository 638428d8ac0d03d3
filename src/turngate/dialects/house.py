"""What the operator decided, and what a client's configuration comes to within it.

Stored agents by name, voices by the names that clients know, and fallbacks: of several entries the
first that can be had here. What is asked for and cannot be had is told, once a message.

Source: Deepgram Voice Agent API, Settings.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from turngate.dialects import formats, settings, settings_rows
from turngate.dialects.settings_kept import MODEL, missed
from turngate.errors import (
    BadField,
    NoStoredAgents,
    PromptTooLong,
    SettingsRefused,
    TurngateError,
    UnknownAgent,
    WithoutEffect,
)
from turngate.wire import agent

T = TypeVar("T")

_VOICE = "agent.speak.provider.voice"
_NO_ENTRY = "expected at least one entry"
_NO_SUCH_VOICE = "no voice of the upstream; the one in force is kept"


class House(Struct, frozen=True, kw_only=True):
    """The operator's part of every session.

    - session: what turngate puts into each session, see `settings.own`.
    - model: the upstream's model.
    - voices: voices of the upstream, by the names that clients have for them.
    - agents: stored agents, by the name that a client sends instead of an agent.
    """

    session: Mapping[str, Any] = {}
    model: str = ""
    voices: Mapping[str, str] = {}
    agents: Mapping[str, agent.AgentSettings] = {}

    def settle(
        self, message: agent.ClientMessage
    ) -> tuple[agent.ClientMessage, tuple[TurngateError, ...]]:
        """Return what a message comes to here, and what its sender should know.

        Raises:
            NoStoredAgents, UnknownAgent: There is no agent of that name.
            SettingsRefused: A format cannot be had.
            BadField: A list of entries has none.

        """
        match message:
            case agent.Settings(agent=wanted):
                block = self._stored(wanted) if isinstance(wanted, str) else wanted
                output = formats.of_session(block.session_audio_output)
                audio = replace(message.audio, output=output) if output else message.audio
                message = replace(message, audio=audio, agent=self._settled(block))
            case agent.UpdateThink(think):
                message = replace(message, think=_think_of(think))
            case agent.UpdateSpeak(speak):
                message = replace(message, speak=self._speak_of(speak))
            case agent.UpdateListen():
                pass
            case _:
                return message, ()
        return message, (*_long_prompt(message), *self._missed(message))

    def _stored(self, name: str) -> agent.AgentSettings:
        if not self.agents:
            raise NoStoredAgents
        stored = self.agents.get(name)
        if stored is None:
            raise UnknownAgent
        return stored

    def _settled(self, block: agent.AgentSettings) -> agent.AgentSettings:
        return replace(
            block,
            think=_think_of(block.think) if block.think else None,
            speak=self._speak_of(block.speak) if block.speak else None,
            listen=_with_language(block.listen, block.language),
        )

    def _speak_of(self, speak: agent.OneOrMoreSpeak) -> agent.SpeakSettings:
        """Return the entry to use, with a voice of the upstream's in the place of its alias."""
        if speak == ():
            raise BadField("speak", _NO_ENTRY)
        if isinstance(speak, tuple):
            return _best(tuple(map(self._in_our_words, speak)), _can_speak)
        return self._in_our_words(speak)

    def _in_our_words(self, speak: agent.SpeakSettings) -> agent.SpeakSettings:
        voice = self.voices.get(_name_of_voice(speak) or "")
        return replace(speak, provider=replace(speak.provider, voice=voice)) if voice else speak

    def _missed(self, message: agent.ClientMessage) -> tuple[TurngateError, ...]:
        """Return the one warning about all that is asked for and not to be had."""
        fields = missed(message)
        think, speak = _blocks(message)
        if think is not None and think.provider.model == self.model:
            fields.pop(MODEL, None)
        if speak is not None and _name_of_voice(speak) and settings_rows.voice_of(speak) is None:
            fields[_VOICE] = _NO_SUCH_VOICE
        told = tuple(f"{path} ({note})" for path, note in fields.items())
        return (WithoutEffect(told),) if told else ()


def _best(entries: tuple[T, ...], can_be_had: Callable[[T], bool]) -> T:
    """Return the first entry that can be had; if there is none such, the first."""
    return next((entry for entry in entries if can_be_had(entry)), entries[0])


def _think_of(think: agent.OneOrMoreThink) -> agent.ThinkSettings:
    if think == ():
        raise BadField("think", _NO_ENTRY)
    return _best(think, _can_think) if isinstance(think, tuple) else think


def _can_think(think: agent.ThinkSettings) -> bool:
    try:
        settings.from_think(think, {})
    except SettingsRefused:
        return False
    return True


def _can_speak(speak: agent.SpeakSettings) -> bool:
    try:
        settings.from_speak(speak)
    except SettingsRefused:
        return False
    return settings_rows.voice_of(speak) is not None


def _name_of_voice(speak: agent.SpeakSettings) -> str | None:
    """Return how the client names the voice; an object without a name is one that is not known."""
    named = speak.provider.voice or speak.provider.model or speak.provider.model_id
    return named if isinstance(named, str) or named is None else _VOICE


def _blocks(
    message: agent.ClientMessage,
) -> tuple[agent.ThinkSettings | None, agent.SpeakSettings | None]:
    """Return the blocks of a settled message."""
    match message:
        case agent.Settings(agent=agent.AgentSettings(think=think, speak=speak)):
            pass
        case agent.UpdateThink(think):
            speak = None
        case agent.UpdateSpeak(speak):
            think = None
        case _:
            return None, None
    return settings_rows.first_think(think), settings_rows.first_speak(speak)


def _with_language(
    listen: agent.ListenSettings | None, language: str | None
) -> agent.ListenSettings | None:
    """Let the agent's own language stand in for the one that its recognition does not name."""
    if not language:
        return listen
    provider = listen.provider if listen is not None else agent.ListenProvider()
    if provider.language or provider.language_hints or provider.language_hint:
        return listen
    return agent.ListenSettings(provider=replace(provider, language=language))


def _long_prompt(message: agent.ClientMessage) -> tuple[TurngateError, ...]:
    think, _ = _blocks(message)
    length, limit = len(think.prompt or "") if think else 0, settings_rows.PROMPT_CHARACTERS
    return (PromptTooLong(length, limit, "it is passed on whole"),) if length > limit else ()
