"""Why the head of the line does not leave."""

from turngate.core import floor, slot
from turngate.core.order import Why
from turngate.core.sequencer import Sequencer


def reason(sequencer: Sequencer, speech: floor.Phase) -> Why:
    """Return what the head of the line waits for; it does not leave just now."""
    match sequencer.phase:
        case slot.Updating():
            return Why.UPDATE
        case slot.Requested() | slot.Withdrawn() | slot.Crossed():
            return Why.REQUEST
        case slot.Idle() if sequencer.is_reserved:
            return Why.RESERVED
        case slot.Idle() if speech != floor.Quiet():
            return Why.SPEECH
        case slot.Idle():
            return Why.CALLS
        case _:
            return Why.RESPONSE
