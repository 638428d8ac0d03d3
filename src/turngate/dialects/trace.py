"""What a trace tells of a call: messages as they passed, and the session's own view of the turn."""

import msgspec

from turngate.core import standing as core
from turngate.wire import trace

MOST_BYTES = 64 * 1024
"""A longer message is named and not shown."""


class _Typed(msgspec.Struct):
    type: str = ""


def shown(text: bytes) -> msgspec.Raw:
    """Return a text message as a trace shows it, whatever it was."""
    if len(text) <= MOST_BYTES:
        try:
            if isinstance(msgspec.json.decode(text), dict):
                return msgspec.Raw(text)
        except (msgspec.DecodeError, RecursionError):
            pass
    return msgspec.Raw(msgspec.json.encode({"type": _kind(text), "bytes": len(text)}))


def _kind(text: bytes) -> str:
    try:
        return msgspec.json.decode(text, type=_Typed).type
    except (msgspec.DecodeError, RecursionError):
        return ""


def stands(standing: core.Standing) -> trace.Standing:
    """Return how a session stands, as the wire has it."""
    holds = tuple(
        trace.Hold(hold.what, hold.of, hold.kept.why.value, hold.kept.by, hold.tries)
        for hold in standing.holds
    )
    return trace.Standing(standing.slot, standing.response_id, holds)
