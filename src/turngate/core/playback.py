"""The agent's side of the turn: what was generated, sent and heard are three different things.

One agent turn may span several responses, with function calls between them. It begins to be heard
once and it ends once. Audio itself never comes here: the gate lets it pass, and what the user has
heard of each item rides on the events that need it.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct


class Silent(Struct, frozen=True):
    """The agent has said nothing in this turn."""


class Shown(Struct, frozen=True):
    """Text of this response was shown; nothing is heard yet."""

    response_id: str


class Audible(Struct, frozen=True):
    """The client is being sent audio of this response."""

    response_id: str


class Pending(Struct, frozen=True):
    """The turn was shown, not heard, and goes on when the functions have answered."""


class Paused(Struct, frozen=True):
    """The turn was audible and goes on when the functions have answered."""


class Draining(Struct, frozen=True):
    """The turn is over but for words that are not shown yet, as their audio is still to be heard."""


class Cut(Struct, frozen=True):
    """The user took the floor; what still comes of this response is not for them.

    Where that is all of it (`unheard`), whoever it was for still waits.
    """

    response_id: str
    unheard: bool


Phase: TypeAlias = Silent | Shown | Audible | Pending | Paused | Draining | Cut


class AudioBegan(Struct, frozen=True):
    """The first audio of an item came."""

    response_id: str
    item_id: str


class TextShown(Struct, frozen=True):
    """A line of the agent was shown."""

    response_id: str


class Interrupted(Struct, frozen=True):
    """The user takes the floor; `response_id` is the response that runs, if any."""

    response_id: str | None


class Over(Struct, frozen=True):
    """The response ended, and with it the turn. It may have words that are not shown yet."""

    response_id: str
    has_words: bool = False


class AllShown(Struct, frozen=True):
    """The ended turn's last words were shown."""


class Continued(Struct, frozen=True):
    """The response ended, and functions have to answer before the turn goes on."""

    response_id: str


class Abandoned(Struct, frozen=True):
    """A response that was asked for will not come."""


Event: TypeAlias = AudioBegan | TextShown | Interrupted | Over | AllShown | Continued | Abandoned


class Start(Struct, frozen=True):
    """Tell the client that the agent begins to speak."""


class Open(Struct, frozen=True):
    """Let this item's audio pass."""

    response_id: str
    item_id: str


class Flush(Struct, frozen=True):
    """The gate closes behind the last byte."""


class Discard(Struct, frozen=True):
    """The gate closes and what waits behind it is thrown away."""


class Finish(Struct, frozen=True):
    """Tell the client that the turn's last byte was sent."""


Effect: TypeAlias = Start | Open | Flush | Discard | Finish
Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]


def advance(phase: Phase, event: Event) -> Step:
    """Return the next phase and what follows, in order."""
    match phase, event:
        # -- the agent is heard; a turn before that has words left is over by now
        case Cut(mine), AudioBegan(response_id) if response_id == mine:
            return phase, ()
        case ((Audible() | Paused()), AudioBegan(response_id, item_id)):
            return Audible(response_id), (Open(response_id, item_id),)
        case Draining(), AudioBegan(response_id, item_id):
            return Audible(response_id), (Finish(), Start(), Open(response_id, item_id))
        case _, AudioBegan(response_id, item_id):
            return Audible(response_id), (Start(), Open(response_id, item_id))

        # -- the agent is read
        case Cut(mine), TextShown(response_id) if response_id == mine:
            return phase, ()
        case ((Audible() | Paused() | Draining()), TextShown()):
            return phase, ()
        case _, TextShown(response_id):
            return Shown(response_id), ()

        # -- the user takes the floor, also from what the client still plays of an ended turn
        case Cut(mine), Interrupted(response_id) if response_id == mine:
            return phase, (Discard(),)
        case ((Silent() | Cut()), Interrupted(response_id)):
            return _cut(response_id, None), (Discard(),)
        case ((Shown(mine) | Audible(mine)), Interrupted(response_id)):
            return _cut(response_id, mine), (Discard(), Finish())
        case ((Pending() | Paused() | Draining()), Interrupted(response_id)):
            return _cut(response_id, None), (Discard(), Finish())

        # -- a response ends, and its turn with it
        case ((Shown(mine) | Audible(mine)), Over(response_id)) if response_id != mine:
            return phase, ()
        case Audible(), Over():
            return Draining(), (Flush(),)
        case ((Shown() | Pending() | Paused()), Over()):
            return Draining(), ()
        case Silent(), Over(has_words=True):
            return Draining(), ()
        case Draining(), Over():
            return phase, ()
        case _, Over():
            return Silent(), ()
        case Draining(), AllShown():
            return Silent(), (Finish(),)
        case _, AllShown():
            return phase, ()

        # -- a response ends, and its turn goes on, or does not
        case Shown(mine), Continued(response_id) if response_id == mine:
            return Pending(), ()
        case Audible(mine), Continued(response_id) if response_id == mine:
            return Paused(), (Flush(),)
        case _, Continued():
            return phase, ()
        case ((Pending() | Paused()), Abandoned()):
            return Draining(), ()
        case _, Abandoned():
            return phase, ()
        case _:
            assert_never(event)


def _cut(response_id: str | None, heard_id: str | None) -> Phase:
    return Silent() if response_id is None else Cut(response_id, response_id != heard_id)
