"""Whether the agents that the operator stored can be had, before a client asks for one."""

from collections.abc import Mapping

from turngate.core import events
from turngate.dialects import agent as front
from turngate.dialects.house import House
from turngate.errors import ProtocolError
from turngate.gateway.mistakes import Mistakes
from turngate.wire import agent


def check(agents: Mapping[str, agent.AgentSettings], where: str, mistakes: Mistakes) -> None:
    """Note what would be refused when a client names an agent; `where` is the file they are in."""
    for name in agents:
        said = agent.Settings(audio=agent.AudioSettings(), agent=name)
        try:
            settled, _ = House(agents=agents).settle(said)
        except ProtocolError as error:
            mistakes.note(f"agents.{name} in {where}", str(error))
            continue
        for event in front.read(settled, {}):
            if isinstance(event, events.ClientFaulted):
                mistakes.note(f"agents.{name} in {where}", str(event.error))
