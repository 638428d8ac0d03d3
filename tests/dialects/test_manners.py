"""The manners that a client gives its functions."""

from typing import Any

import pytest

from turngate.core.events import ClientFaulted, Configure, Reconfigure
from turngate.core.limits import FILLER_INTERVAL_MS, PROMPT_FILLER_MS
from turngate.core.manners import Manners
from turngate.dialects.agent import read
from turngate.dialects.manners import FILLER, manners_of
from turngate.errors import SettingsRefused
from turngate.units import Ms
from turngate.wire import agent

UPDATE = agent.UpdateThink(
    agent.ThinkSettings(
        provider=agent.ThinkProvider(),
        functions=(agent.Function(name="order", defer_until_eot=True), agent.Function(name="g")),
    )
)
DEFERRED = {"order": Manners(defer_until_eot=True)}


def of(**fields: Any) -> Manners:
    return manners_of([agent.Function(name="f", **fields)]).get("f", Manners())


def test_nothing_said_is_nothing_known() -> None:
    plain = agent.Function(
        name="f", defer_until_eot=False, initial_agent_filler=False, agent_filler_max_count=0
    )
    assert manners_of([agent.Function(name="f"), plain]) == {}


def test_a_filler_soon_after_the_call() -> None:
    assert of(initial_agent_filler=True, defer_until_eot=True) == Manners(
        filler=FILLER, filler_after_ms=PROMPT_FILLER_MS, defer_until_eot=True
    )


@pytest.mark.parametrize("is_prompt", [True, False])
def test_more_of_them_at_intervals(*, is_prompt: bool) -> None:
    manners = of(
        initial_agent_filler=is_prompt, agent_filler_max_count=2, agent_filler_interval_ms=7_000
    )
    assert manners == Manners(
        filler=FILLER,
        filler_after_ms=PROMPT_FILLER_MS if is_prompt else Ms(7_000),
        filler_interval_ms=Ms(7_000),
        filler_max_count=3 if is_prompt else 2,
    )


def test_an_interval_that_is_not_said_is_the_usual_one() -> None:
    assert of(agent_filler_max_count=1).filler_after_ms == FILLER_INTERVAL_MS


@pytest.mark.parametrize(
    "fields, named",
    [
        ({"agent_filler_max_count": -1}, "agent_filler_max_count"),
        (
            {"agent_filler_max_count": 1, "agent_filler_interval_ms": 999},
            "agent_filler_interval_ms",
        ),
        (
            {"agent_filler_max_count": 1, "agent_filler_interval_ms": 60_001},
            "agent_filler_interval_ms",
        ),
        ({"agent_filler_max_count": 1, "agent_filler_interval_ms": 0}, "agent_filler_interval_ms"),
    ],
)
def test_what_cannot_be_had_is_named(fields: dict[str, int], named: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        of(**fields)
    assert refused.value.field == f"agent.think.functions[].{named}"


def test_an_interval_of_nothing_does_not_matter() -> None:
    assert of(agent_filler_interval_ms=7) == Manners()
    assert of(agent_filler_interval_ms=7, initial_agent_filler=True).filler_max_count == 1


def test_they_come_with_the_settings_and_with_what_replaces_the_functions() -> None:
    block = agent.AgentSettings(think=UPDATE.think)
    settings = agent.Settings(audio=agent.AudioSettings(), agent=block)
    (configure,) = read(settings, {})
    (update,) = read(UPDATE, {})
    assert isinstance(configure, Configure)
    assert isinstance(update, Reconfigure)
    assert (configure.manners, update.manners) == (DEFERRED, DEFERRED)
    (prompt,) = read(agent.UpdatePrompt("Hi."), {})
    assert isinstance(prompt, Reconfigure)
    assert prompt.manners is None


def test_settings_with_what_cannot_be_had_are_refused() -> None:
    wrong = agent.Function(name="f", agent_filler_max_count=-1)
    think = agent.ThinkSettings(provider=agent.ThinkProvider(), functions=(wrong,))
    (fault,) = read(agent.UpdateThink(think), {})
    assert isinstance(fault, ClientFaulted)
