"""What turngate tells whoever watches what it holds (`WS /watch`, where diagnostics are allowed).

Source: turngate's own.
"""

from typing import TypeAlias

from msgspec import Struct


class Watching(Struct, frozen=True, tag="watching"):
    """The beginning: from now on everything is shown.

    - held: how many events wait just now; a moment for each follows.
    """

    held: int


class Moment(Struct, frozen=True, kw_only=True, tag="moment"):
    """Something happened to an event of a Realtime client that could not leave at once.

    - call: the call's id, as in the log.
    - what: held, sent, withdrawn, lapsed, refused or unanswered; lost when upstream
      went, abandoned when the client did.
    - event: the event's type, as its client wrote it.
    - event_id: the client's own name for it.
    - number: of the event within its call, so that a held one is known again when it leaves.
    - why: what it waits for, or waited for.
    - ms: how long it has waited; of one that is held, before the onlooker came.
    """

    call: str
    what: str
    event: str
    event_id: str | None
    number: int
    why: str = ""
    ms: int = 0


Message: TypeAlias = Watching | Moment
