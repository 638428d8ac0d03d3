"""What passes and what waits, for each event of a Realtime client: printed, and compared.

Columns are what waits when the event comes. `.` passes; `|` keeps its place and leaves with what is
before it; `#` waits for the slot.
"""

from collections.abc import Callable

import pytest

from turngate.core import events
from turngate.core.native import Event, Forward, ForwardAs, NativeSession, TurnsKnown
from turngate.core.order import ClientSent, Kind
from turngate.dialects.native import look_at

Golden = Callable[[str, str], None]

ITEM = '"type":"conversation.item.create","item":{"type":"message","id":"held"}'
EVENTS = {
    "session.update": '"type":"session.update","session":{"instructions":"x"}',
    "session.update audio.input": '"type":"session.update","session":{"audio":{"input":{}}}',
    "response.create": '"type":"response.create"',
    "response.create conversation none": '"type":"response.create","response":{"conversation":"none"}',
    "conversation.item.create": ITEM.replace("held", "new"),
    "the same, a function output": '"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c"}',
    "conversation.item.delete": '"type":"conversation.item.delete","item_id":"known"',
    "conversation.item.retrieve": '"type":"conversation.item.retrieve","item_id":"known"',
    "the same, of an item that waits": '"type":"conversation.item.retrieve","item_id":"held"',
    "conversation.item.truncate": '"type":"conversation.item.truncate","item_id":"known"',
    "input_audio_buffer.append": '"type":"input_audio_buffer.append","audio":""',
    "input_audio_buffer.commit": '"type":"input_audio_buffer.commit"',
    "input_audio_buffer.clear": '"type":"input_audio_buffer.clear"',
    "response.cancel with an id": '"type":"response.cancel","response_id":"r"',
    "response.cancel": '"type":"response.cancel"',
    "output_audio_buffer.clear": '"type":"output_audio_buffer.clear"',
    "what is not known": '"type":"brand.new"',
}
WAITS: dict[str, tuple[Kind, ...]] = {
    "nothing": (),
    "request": (Kind.REQUEST,),
    "update": (Kind.UPDATE,),
    "input": (Kind.UPDATE_INPUT,),
    "item": (Kind.REQUEST, Kind.FOLLOW),
    "commit": (Kind.REQUEST, Kind.COMMIT),
}


def fate(waits: tuple[Kind, ...], content: str, *, hold_updates: bool) -> str:
    """Send an event while a response runs and these wait; return what becomes of it."""
    session = NativeSession(hold_updates=hold_updates)
    session.receive(TurnsKnown(server_answers=False))
    session.receive(ClientSent(-1, Kind.PASS))
    session.receive(events.ResponseCreated("r"))
    for ticket, kind in enumerate(waits):
        session.receive(ClientSent(ticket, kind, makes=("held",) if kind is Kind.FOLLOW else ()))
    sent = look_at(b"{%b}" % content.encode())
    event = ClientSent(9, sent.kind, 0, sent.makes, sent.about)
    if Forward(9) in session.receive(event):
        return "."
    left: list[Event] = [events.ResponseDone("r")]
    for event in (*left, events.Updated(), events.ResponseDone(None, "tg_request_1")):
        for effect in session.receive(event):
            match effect:
                case Forward(9):
                    return "|"
                case ForwardAs(9):
                    return "#"
                case _:
                    pass
    return "?"


def table(*, hold_updates: bool) -> str:
    rows = [["", *WAITS]]
    rows += [
        [name, *(fate(waits, content, hold_updates=hold_updates) for waits in WAITS.values())]
        for name, content in EVENTS.items()
    ]
    return "\n".join(f"{row[0]:<36}" + "".join(f"{cell:>9}" for cell in row[1:]) for row in rows)


@pytest.mark.table
@pytest.mark.parametrize("hold_updates", [True, False])
def test_what_passes_is_what_was_reviewed(golden: Golden, *, hold_updates: bool) -> None:
    name = "native_order" if hold_updates else "native_order_updates_pass"
    golden(name, table(hold_updates=hold_updates))
