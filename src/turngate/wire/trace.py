"""What a call is told of itself when it asks for its trace: what passed, and what waits for what.

A message of turngate's own beside the agent protocol's; clients that do not know it ignore it.

Source: turngate.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from turngate.wire.agent_objects import Message


class Passed(Struct, frozen=True):
    """A message that passed on one of the two legs.

    - leg: whose connection it was.
    - way: `in` for what turngate received, `out` for what it sent.
    - message: as it stood on the wire. One that was no JSON object, or too long to be shown, is an
      object with its `type`, if it had one, and its length in `bytes`.
    """

    leg: Literal["client", "upstream"]
    way: Literal["in", "out"]
    message: msgspec.Raw


class Hold(Struct, frozen=True, omit_defaults=True):
    """Something that turngate keeps back.

    - what: `request`, `update`, or `message` for what came before the configuration.
    - of: the wishes, calls or changes that it is for.
    - why: `settings`, `unanswered`, `response`, `server`, `user`, `calls` or `item`.
    - by: the ids of what it waits for.
    - tries: how often it was sent and refused.
    """

    what: str
    of: tuple[str, ...]
    why: str
    by: tuple[str, ...] = ()
    tries: int = 0


class Standing(Struct, frozen=True):
    """Who has the slot from now on, and all that waits.

    - slot: `idle`, `updating`, `requested`, `withdrawn`, `crossed`, `occupied`, `active`,
      `cancelling` or `ending`.
    - response_id: the response that is known to run.
    """

    slot: str
    response_id: str | None
    holds: tuple[Hold, ...]


class TurngateTrace(Message, frozen=True, kw_only=True):
    """One thing that happened in the call, `at_ms` after its beginning.

    Either of `passed` and `standing`. `left_out` counts those before it that were not told, because
    the client did not read fast enough.

    Source: turngate's own; sent to nobody who has not asked for it.
    """

    at_ms: int
    passed: Passed | UnsetType = UNSET
    standing: Standing | UnsetType = UNSET
    left_out: int = 0
