"""Whether the agents that the operator stored can be had, before a client asks for one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from turngate.core import events
from turngate.dialects import agent as front
from turngate.dialects.house import House
from turngate.errors import ConfigError, ProtocolError
from turngate.wire import agent
from turngate.wire.codec import unknown_fields


def check(agents: Mapping[str, agent.AgentSettings], table: Any, source: str) -> None:
    """Look for what would be refused, or ignored, when a client names the agent.

    `table` is what `agents` were made from, and `source` where that stands.

    Raises:
        ConfigError: A field is not known, or has a value that cannot be had.

    """
    for name, stored in agents.items():
        where = f"agents.{name} in {source}"
        unknown = unknown_fields(msgspec.json.encode(table[name]), stored)
        if unknown:
            raise ConfigError(where, f"an agent has no field {unknown[0]}")
        said = agent.Settings(audio=agent.AudioSettings(), agent=name)
        try:
            settled, _ = House(agents=agents).settle(said)
        except ProtocolError as error:
            raise ConfigError(where, str(error)) from error
        for event in front.read(settled, {}):
            if isinstance(event, events.ClientFaulted):
                raise ConfigError(where, str(event.error))
