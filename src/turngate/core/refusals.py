"""Whose a refusal of the upstream's is: of what left last, of an item, or of nothing that matters.

Couples the sequencer with what is owed, both of which wait to be answered. It knows neither what
was refused nor what follows for those who wanted it.
"""

from msgspec import Struct

from turngate import errors
from turngate.core import effects, events, slot
from turngate.core.agent import Agent, trouble
from turngate.core.names import is_ours
from turngate.core.owed import Owed
from turngate.core.sequencer import Sequencer

EXPIRED = "session_expired"
"""What an upstream says before it ends a session that has lasted for as long as it may."""


class Refused(Struct, frozen=True):
    """The entry that left as `event_id` is refused."""

    event_id: str
    why: errors.TurngateError


class Refusals:
    """The refusals of one session, each of which is somebody's."""

    def __init__(
        self,
        sequencer: Sequencer,
        owed: Owed,
        agent: Agent,
        out: list[effects.Effect],
        *,
        redials: bool,
    ) -> None:
        self._sequencer, self._owed, self._agent, self._out = sequencer, owed, agent, out
        self._redials = redials

    def take(self, event: events.Rejected) -> Refused | None:
        """Give a refusal to whom it belongs; return it if it is that of what left last."""
        request = errors.RequestRefused(event.code, event.message, event.field)
        sent, is_update = self._sequencer.unanswered()
        # Where nothing else is unanswered that could have been refused, it needs no name; but of a
        # server's own trouble, which names no field, the update's answer is still on its way.
        is_open = is_update and not self._owed.has_unacknowledged()
        unnamed = event.event_id is None and event.field != "" and is_open
        if sent is not None and (event.event_id == sent or unnamed):
            settings = errors.SettingsRefused(event.field, event.message or event.code)
            return Refused(sent, settings if is_update else request)
        if self._owed.refused(event.event_id):
            is_past = self._owed.is_past(event.event_id)
            past = errors.ContextRefused(event.code, event.message)
            self._out.append(effects.Report(past if is_past else request))
        elif is_ours(event.event_id):
            # Too late a cut or cancel harms nobody.
            self._out.append(effects.Count("refused_aside"))
        elif self._redials and event.code == EXPIRED:
            # Its close follows, and another connection.
            self._out.append(effects.Count("expired"))
        else:
            runs = slot.active_id(self._sequencer.phase) is not None
            self._agent.complain(trouble(event), after_words=runs)
        return None
