"""What goes wrong, by name. Each is done to one line at the moment of its call.

Where a fault's effect lasts, or is noticed by a deadline only, the line is told for how long.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace
from picows import WSMsgType
from proof.simulation.line import Line
from proof.simulation.network import UNSEEN_S, Direction, Frame

from turngate.core import limits as core
from turngate.emulator.knobs import At, CloseAt, ErrorAt, FrameAt

Fault = Callable[[Line], None]


def _turned(line: Line, **knobs: Any) -> None:
    if line.server is not None:
        line.server.knobs = replace(line.server.knobs, **knobs)


def _next(line: Line, kind: str) -> At:
    sent = line.server.outbox.sent[kind] if line.server is not None else 0
    return At(event=kind, nth=sent + line.chance.randint(1, 2))


_PLACES = (
    "response.created",
    "response.output_item.added",
    "conversation.item.done",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.function_call_arguments.done",
    "response.done",
    "session.updated",
)


def _somewhere(line: Line) -> At:
    return _next(line, line.chance.choice(_PLACES))


def _direction(line: Line) -> Direction:
    legs = [line.client] if line.upstream is None else [line.client, line.upstream]
    leg = line.chance.choice(legs)
    return line.chance.choice((leg.up, leg.down))


# -- the network


def delay(line: Line) -> None:
    """Nothing of one direction arrives for a while, then all of it at once."""
    seconds = line.chance.choice((0.05, 0.3, 1.0, 3.0)) * line.chance.random()
    _direction(line).hold(seconds)
    line.lasts(seconds)


def reorder(line: Line) -> None:
    """The legs change their speeds, so that what is said on one overtakes the other."""
    for leg in filter(None, (line.client, line.upstream)):
        leg.up.latency_s = line.chance.choice((0.0, 0.001, 0.08, 0.4))
        leg.down.latency_s = line.chance.choice((0.0, 0.001, 0.08, 0.4))


def drop_client(line: Line) -> None:
    """The caller's connection is cut."""
    line.excuses.add("client")
    line.client.reset()


def drop_upstream(line: Line) -> None:
    """The upstream's connection is cut."""
    line.excuses.add("upstream")
    if line.upstream is not None:
        line.upstream.reset()
    if line.chance.random() < 0.3:
        refuse(line)


_REFUSALS = ("hangs", "it answered HTTP 503", "the connection was refused")


def refuse(line: Line) -> None:
    """The upstream refuses the next connections."""
    line.refusals.extend(line.chance.choices(_REFUSALS, k=line.chance.randint(1, 3)))
    line.lasts(12 * len(line.refusals))


def drain(line: Line) -> None:
    """The gateway is about to stop, and lets go of the call when its turn is over."""
    line.excuses.add("drain")
    line.call.leave()


def half_open_client(line: Line) -> None:
    """The caller is gone, and nobody is told."""
    line.excuses.add("client")
    line.client.half_open()
    line.lasts(UNSEEN_S)


def half_open_upstream(line: Line) -> None:
    """The upstream is gone, and nobody is told."""
    line.excuses.add("upstream")
    if line.upstream is not None:
        line.upstream.half_open()
    line.lasts(UNSEEN_S)


def slow_client(line: Line) -> None:
    """The caller does not read for a while."""
    seconds = line.chance.uniform(1, 12)
    line.client.down.hold(seconds)
    line.lasts(seconds)


def slow_listener(line: Line) -> None:
    """The caller does not read for a while, and speaks into what waits to be read."""
    slow_client(line)
    line.caller.barge_in()
    line.lasts(2)


def slow_upstream(line: Line) -> None:
    """The upstream does not read for a while."""
    seconds = line.chance.uniform(1, 8)
    if line.upstream is not None:
        line.upstream.up.hold(seconds)
    line.lasts(seconds)


# -- garbage

_NONSENSE = (
    b"",
    b"{",
    b"null",
    b'"response.done"',
    b'{"type":5}',
    b'{"type":"response.future","response_id":"resp_x"}',
    b'{"type":"response.done"}',
    b'{"type":"response.created","response":[]}',
    b'{"type":"response.output_audio.delta","response_id":"resp_x","item_id":"i","delta":"!"}',
    b'{"type":"response.output_audio.delta","response_id":"resp_x","item_id":"i","delta":"AAAA"}',
    b'{"type":"conversation.item.done","item":{"id":"nobody","type":"message"}}',
    b"[" * 2000,
    b'{"type":"error"}',
    '{"type":"r\u00e9ponse"}'.encode(),
)


def garbage_upstream(line: Line) -> None:
    """The upstream says what it must not, or what does not exist yet."""
    for _ in range(line.chance.randint(1, 4)):
        line.inserted(line.chance.choice(_NONSENSE))
    if line.chance.random() < 0.2:
        line.inserted(b"\x00\x01", WSMsgType.BINARY)


def garbage_client(line: Line) -> None:
    """The caller says what it must not."""
    for _ in range(line.chance.randint(1, 4)):
        said = line.chance.choice((*line.caller.garbage, line.caller.harmless))
        line.client.far.send(WSMsgType.TEXT, said)


def slices(line: Line) -> None:
    """A message comes in pieces, with a ping between them."""
    far, said = line.client.far, line.caller.harmless
    far.send_frame(Frame(WSMsgType.TEXT, said[:12], fin=False))
    far.send_frame(Frame(WSMsgType.PING, b"?"))
    far.send_frame(Frame(WSMsgType.CONTINUATION, said[12:]))


def bad_frame(line: Line) -> None:
    """The caller breaks the WebSocket protocol."""
    line.excuses.add("client")
    chance = line.chance.random()
    if chance < 0.5:
        line.client.far.send_frame(Frame(WSMsgType.CONTINUATION, b"no beginning"))
    else:
        line.client.far.send_frame(Frame(WSMsgType.TEXT, b"\xff\xfe"))


# -- the upstream's own ways


def race(line: Line) -> None:
    """The server begins a response of its own just before a request of ours arrives."""
    _turned(line, vad_race_ms=line.chance.choice((0.0, 1.0, 60.0, 400.0)), vad_race_times=10**6)
    seconds = line.chance.uniform(0, 2)
    line.loop.call_later(seconds, lambda: _turned(line, vad_race_ms=None))
    line.lasts(seconds)


def slow_model(line: Line) -> None:
    """The upstream takes its time for everything."""
    pick = line.chance.choice
    _turned(
        line,
        created_ms=pick((0, 30, 900)),
        first_delta_ms=pick((0, 200, 1500)),
        per_delta_ms=pick((1, 80)),
        done_after_last_ms=pick((0, 40, 1200)),
        item_ack_ms=pick((0, 90, 700)),
        session_updated_ms=pick((0, 90, 2000)),
        cancel_ack_ms=pick((0, 60, 900)),
        jitter_ms=pick((0, 20)),
    )
    line.lasts(8)


def other_order(line: Line) -> None:
    """The upstream keeps to no order that it has not promised."""
    pick = line.chance.choice
    _turned(
        line,
        transcript_before_commit=pick((False, True)),
        output_ack=pick(("both", "done_only", "after_response_done", "none")),
        text_done_before_audio_done=pick((False, True)),
        interleave_outputs=pick((False, True)),
        item_done_last=pick((False, True)),
        whole_deltas=pick((False, True)),
        user_item_added_after_args_done=False,
    )
    line.lasts(core.OUTPUT_MS / 1000)


def swap(line: Line) -> None:
    """Two events of the upstream change places."""
    places = ("response.output_audio.delta", "conversation.item.done", "response.output_item.added")
    _turned(line, swap_at=_next(line, line.chance.choice(places)))


def late_words(line: Line) -> None:
    """A response that has ended says more, and ends again."""
    _turned(line, stragglers=3, duplicate_done=True, stale_done=line.chance.random() < 0.5)


def no_names(line: Line) -> None:
    """Refusals and responses do not say what they belong to."""
    _turned(line, event_id_null_in_errors=True)
    _mind_names(line)


def _mind_names(line: Line) -> None:
    """Let the deadline pass of each update whose refusal does not say what it refuses."""
    if line.server is not None and line.server.knobs.event_id_null_in_errors:
        line.lasts(len(line.server.knobs.refuse_session_update) * core.UPDATE_MS / 1000)


def complaint(line: Line) -> None:
    """The upstream complains of something that nobody did."""
    place = _somewhere(line)
    code = line.chance.choice(("server_error", "idle_timeout", "rate_limit_exceeded", None))
    _turned(line, errors=(ErrorAt(event=place.event, nth=place.nth, code=code),))


def future_event(line: Line) -> None:
    """An event comes that does not exist yet."""
    place = _somewhere(line)
    frame = '{"type":"response.thought.added","event_id":"event_x","response_id":"resp_x"}'
    _turned(line, frames=(FrameAt(event=place.event, nth=place.nth, frame=frame),))


def refused_update(line: Line) -> None:
    """The next change of the session is refused."""
    if line.server is not None:
        following = (line.witness.updates + 1, line.witness.updates + 2)
        _turned(line, refuse_session_update=following[: line.chance.randint(1, 2)])
        _mind_names(line)


def silent_update(line: Line) -> None:
    """The next change of the session gets no answer."""
    if line.server is not None:
        _turned(line, silent_session_update=(line.witness.updates + 1,))
        line.lasts(core.UPDATE_MS / 1000)


def silent_request(line: Line) -> None:
    """The next request gets no answer, and the upstream counts as deaf."""
    if line.server is not None:
        line.excuses.add("upstream")
        _turned(line, silent_create=(line.witness.requests + 1,))
        line.lasts(core.REQUEST_MS / 1000 + 8)


def failed(line: Line) -> None:
    """The next response fails, or ends half-way."""
    if line.server is None:
        return
    nth = line.server.outbox.sent["response.created"] + 1
    match line.chance.randrange(3):
        case 0:
            _turned(line, fail_response=nth)
        case 1:
            _turned(line, fail_response=nth, fail_before_created=True)
        case _:
            _turned(line, incomplete_response=nth)


def endless(line: Line) -> None:
    """The next response never ends by itself; sometimes it does not listen either."""
    if line.server is None:
        return
    is_deaf = line.chance.random() < 0.3
    _turned(
        line,
        never_done_response=line.server.outbox.sent["response.created"] + 1,
        deaf_to_cancel=is_deaf,
    )
    if is_deaf:
        line.excuses.add("upstream")
    line.lasts((core.SILENCE_MS + core.CANCEL_MS + core.ENDING_MS) / 1000)


def closed(line: Line) -> None:
    """The upstream closes, as one that restarts."""
    place = _somewhere(line)
    line.excuses.add("upstream")
    code = line.chance.choice((1000, 1001, 1011, 4000))
    _turned(line, close_at=CloseAt(event=place.event, nth=place.nth, code=code, reason="bye"))


def frozen(line: Line) -> None:
    """The upstream neither reads nor writes any more, at a certain event."""
    line.excuses.add("upstream")
    _turned(line, half_open_at=_somewhere(line))
    line.lasts(UNSEEN_S + 8)


class Kind(NamedTuple):
    """A fault, how often it happens in proportion, and whether there must be an upstream for it."""

    weight: int
    befall: Fault
    needs_upstream: bool = False


FAULTS: dict[str, Kind] = {
    "delay": Kind(10, delay),
    "reorder": Kind(8, reorder),
    "drop client": Kind(1, drop_client),
    "drop upstream": Kind(1, drop_upstream, needs_upstream=True),
    "half-open client": Kind(1, half_open_client),
    "half-open upstream": Kind(1, half_open_upstream, needs_upstream=True),
    "slow client": Kind(3, slow_client),
    "slow listener": Kind(3, slow_listener),
    "slow upstream": Kind(3, slow_upstream, needs_upstream=True),
    "garbage upstream": Kind(6, garbage_upstream, needs_upstream=True),
    "garbage client": Kind(6, garbage_client),
    "slices": Kind(4, slices),
    "bad frame": Kind(1, bad_frame),
    "drain": Kind(1, drain),
    "race": Kind(8, race, needs_upstream=True),
    "slow model": Kind(8, slow_model, needs_upstream=True),
    "other order": Kind(6, other_order, needs_upstream=True),
    "swap": Kind(3, swap, needs_upstream=True),
    "late words": Kind(5, late_words, needs_upstream=True),
    "no names": Kind(4, no_names, needs_upstream=True),
    "complaint": Kind(4, complaint, needs_upstream=True),
    "future event": Kind(3, future_event, needs_upstream=True),
    "refused update": Kind(4, refused_update, needs_upstream=True),
    "silent update": Kind(2, silent_update, needs_upstream=True),
    "silent request": Kind(1, silent_request, needs_upstream=True),
    "failed": Kind(5, failed, needs_upstream=True),
    "endless": Kind(2, endless, needs_upstream=True),
    "closed": Kind(1, closed, needs_upstream=True),
    "frozen": Kind(1, frozen, needs_upstream=True),
}
"""Every fault that befalls a call under way."""

_EVER = tuple(name for name, kind in FAULTS.items() if not kind.needs_upstream)


def of_now(line: Line) -> str:
    """Return the name of a fault that can befall this line now."""
    names = tuple(FAULTS) if line.has_upstream else _EVER
    return line.chance.choices(names, [FAULTS[name].weight for name in names])[0]
