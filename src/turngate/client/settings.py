"""Settings in a line, completed by what the program offers, and carried over to a new connection."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from turngate.client.functions import AgentFunction, declare
from turngate.units import RATE_HZ
from turngate.wire import agent


def settings(
    prompt: str,
    *,
    greeting: str | None = None,
    voice: str | None = None,
    model: str = "gpt-4o-mini",
    rate_hz: int = RATE_HZ,
) -> agent.Settings:
    """Return Settings for an agent that is told `prompt`, and may say `greeting` first.

    Audio is s16le mono at `rate_hz` both ways. Deepgram wants `model`; before turngate the gateway
    chooses. For everything else build `agent.Settings` yourself.
    """
    speak = None
    if voice is not None:
        speak = agent.SpeakSettings(provider=agent.SpeakProvider(type="deepgram", model=voice))
    return agent.Settings(
        audio=agent.AudioSettings(
            input=agent.AudioInput(encoding="linear16", sample_rate=rate_hz),
            output=agent.AudioOutput(encoding="linear16", sample_rate=rate_hz, container="none"),
        ),
        agent=agent.AgentSettings(
            greeting=greeting,
            listen=agent.ListenSettings(
                provider=agent.ListenProvider(type="deepgram", model="nova-3")
            ),
            think=agent.ThinkSettings(
                provider=agent.ThinkProvider(type="open_ai", model=model), prompt=prompt
            ),
            speak=speak,
        ),
    )


def offering(given: agent.Settings, functions: Mapping[str, AgentFunction]) -> agent.Settings:
    """Return Settings that declare these functions too, where they do not by themselves.

    Raises:
        TypeError: A function cannot be declared, see `declare`.

    """
    setup = given.agent
    if not functions or isinstance(setup, str) or setup.think is None:
        return given
    thinks = setup.think if isinstance(setup.think, tuple) else (setup.think,)
    more = tuple(_declaring(think, functions) for think in thinks)
    think = more if isinstance(setup.think, tuple) else more[0]
    return replace(given, agent=replace(setup, think=think))


def _declaring(
    think: agent.ThinkSettings, functions: Mapping[str, AgentFunction]
) -> agent.ThinkSettings:
    known = {declared.name for declared in think.functions or ()}
    missing = [declare(function) for name, function in functions.items() if name not in known]
    return replace(think, functions=(*(think.functions or ()), *missing)) if missing else think


def continuing(given: agent.Settings, history: Iterable[agent.History]) -> agent.Settings:
    """Return Settings that begin where a conversation was left, which leaves out the greeting."""
    messages = tuple(history)
    setup = given.agent
    if not messages or isinstance(setup, str):
        return given
    context = agent.Context(messages=messages)
    return replace(given, agent=replace(setup, context=context, greeting=None))
