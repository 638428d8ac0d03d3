"""How the client's functions behave towards the conversation, by what it says of each.

Source: Deepgram Voice Agent API, Settings (agent.think.functions).
"""

from collections.abc import Iterable

from turngate.core import limits
from turngate.core.manners import USUAL, Manners
from turngate.errors import SettingsRefused
from turngate.units import Ms
from turngate.wire import agent

FILLER = "One moment, please, I am still on it."
"""What is said, in about these words: the model says it in the language of the conversation."""

_FIELD = "agent.think.functions[]."
_INTERVAL_MS = (1_000, 60_000)


def manners_of(functions: Iterable[agent.Function]) -> dict[str, Manners]:
    """Return the manners of those functions of which something is said, by name.

    Raises:
        SettingsRefused: A count or an interval cannot be had; it is named.

    """
    declared = {each.name: _manners(each) for each in functions}
    return {name: manners for name, manners in declared.items() if manners != USUAL}


def _manners(function: agent.Function) -> Manners:
    is_prompt, more = bool(function.initial_agent_filler), function.agent_filler_max_count or 0
    interval_ms = function.agent_filler_interval_ms
    if interval_ms is None:
        interval_ms = limits.FILLER_INTERVAL_MS
    if more < 0:
        raise SettingsRefused(_FIELD + "agent_filler_max_count", "0 or more")
    least_ms, most_ms = _INTERVAL_MS
    if more and not least_ms <= interval_ms <= most_ms:
        raise SettingsRefused(_FIELD + "agent_filler_interval_ms", f"{least_ms} to {most_ms}")
    manners = Manners(defer_until_eot=bool(function.defer_until_eot))
    if not is_prompt and not more:
        return manners
    return Manners(
        defer_until_eot=manners.defer_until_eot,
        filler=FILLER,
        filler_after_ms=limits.PROMPT_FILLER_MS if is_prompt else Ms(interval_ms),
        filler_interval_ms=Ms(interval_ms),
        filler_max_count=is_prompt + more,
    )
