"""An upstream that says what is well formed and not so: of a turn nothing can be promised then.

What has to hold all the same is that nothing breaks inside and nothing of another call is shown. It is
here, too, that those rows of the golden tables are passed which no honest server leads to.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from picows import WSMsgType
from proof.simulation.line import Line
from proof.simulation.network import Connection, End, Frame

from turngate.dialects.realtime import MARK

Json = dict[str, Any]
_TAKEN, _MISSED = "conversation_already_has_active_response", "response_cancel_not_active"
_STATUSES = ("completed", "completed", "failed", "cancelled", "incomplete")
_SOUND = "A" * 6_400
"""Audio of an item, 100 ms of silence."""

CALLS = ("call_lie", "call_lie1", "call_lie2")
"""The first calls that are lied about."""
LASTS_S = 45.0
"""So long a call goes on whose upstream does nothing but lie; its deadlines pass within."""
_BESIDE_S = ((0.0, 0.004, 0.05, 0.4), (1, 1, 1, 1))
_ALONE_S = ((0.004, 0.05, 0.4, 3.0), (4, 4, 4, 1))
_ENDS = 0.02
_FALLS_SILENT = {"error": 0.15, "response.created": 0.1}
_PATIENCE_S, _GOES_ON = 2.0, 0.5
"""After so long a caller may say something more, whether or not it was answered."""
_SILENT_S = 22.0
"""Longer than the longest deadline that a silent upstream runs into."""


class _Told(msgspec.Struct):
    class Item(msgspec.Struct):
        id: str = ""

    event_id: str | None = None
    item: Item | None = None


class Mute:
    """Stands where a server would; takes everything and answers nothing."""

    def on_ws_connected(self, transport: End) -> None:
        """Say no word."""

    def on_ws_disconnected(self, transport: End) -> None:
        """Say no word."""

    def on_ws_frame(self, transport: End, frame: Frame) -> None:
        """Answer a close, as everybody has to."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.code, b"")
            transport.disconnect()


class Liar:
    """Says things on one line, out of what it has heard there; beside the server or in its place."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._chance = Random(f"the liar of {line.name}")
        self._is_alone = self._chance.random() < 0.5
        self._invents = self._chance.choice((0.05, 0.1, 0.3))
        self._upstream: Connection | None = None
        self._names, self._items = ["else"], ["item_lie"]
        self._responses, self._calls = ["resp_lie"], [*CALLS[:1]]

    async def lie(self) -> None:
        """Lie now and then until the line is over."""
        if self._is_alone:
            self._line.lasts(LASTS_S)
        lie: Json = {}
        while not self._line.is_over():
            pause_s = self._pause_s(lie)
            await asyncio.sleep(pause_s)
            if self._line.upstream is None:
                continue
            if pause_s > _PATIENCE_S and self._chance.random() < _GOES_ON:
                self._line.caller.take_a_turn(self._chance)
            self._listen(self._line.upstream)
            if self._is_alone and self._chance.random() < _ENDS:
                self._line.upstream.reset()
                continue
            lie = self._lie()
            self._line.inserted(msgspec.json.encode({"event_id": "event_l", **lie}))

    def _pause_s(self, lie: Json) -> float:
        """Return how long nothing is said; after a refusal or a beginning it may be for good."""
        if not self._is_alone:
            return self._chance.choices(*_BESIDE_S)[0]
        falls_silent = _FALLS_SILENT.get(lie.get("type", ""), 0.0)
        is_silent = self._chance.random() < falls_silent
        return _SILENT_S if is_silent else self._chance.choices(*_ALONE_S)[0]

    def _listen(self, upstream: Connection) -> None:
        if upstream is self._upstream:
            return
        self._upstream = upstream
        if self._is_alone:
            upstream.far.listener = Mute()
        before = upstream.near.on_sent

        def heard(end: End, kind: WSMsgType, payload: bytes) -> None:
            if kind is WSMsgType.TEXT:
                self._heard(payload)
            if before is not None:
                before(end, kind, payload)

        upstream.near.on_sent = heard

    def _heard(self, payload: bytes) -> None:
        try:
            told = msgspec.json.decode(payload, type=_Told)
        except msgspec.MsgspecError:
            return
        if told.event_id is not None:
            self._names.append(told.event_id)
        if told.item is not None:
            self._items.append(told.item.id)

    # -- of what

    def _response(self) -> str:
        self._responses += sorted(self._line.witness.running)[-1:]
        return self._one_of(self._responses, "resp_lie")

    def _item(self) -> str:
        server = self._line.server
        self._items += [item.id for item in server.conversation.items[-1:]] if server else []
        return self._one_of(self._items, "item_lie")

    def _call(self) -> str:
        server = self._line.server
        items = server.conversation.items[-2:] if server else []
        self._calls += [item.wire["call_id"] for item in items if "call_id" in item.wire]
        return self._one_of(self._calls, "call_lie")

    def _one_of(self, known: list[str], kind: str) -> str:
        if self._chance.random() < self._invents:
            known.append(f"{kind}{len(known)}")
        # mostly of the same, or nothing would go as far as an end
        return self._chance.choice((*known[-3:], *known[-1:] * 2))

    def _author(self) -> str | None:
        return self._maybe(self._chance.choice((*self._names[-3:], *self._names[-1:] * 2)))

    def _maybe(self, name: str) -> str | None:
        return None if self._chance.random() < 0.2 else name

    # -- what

    def _lie(self) -> Json:
        lies: tuple[tuple[int, Callable[[], Json]], ...] = (
            (2, self._updated),
            (2, self._created),
            (3, self._done),
            (2, self._item_added),
            (2, self._called),
            (3, self._words),
            (2, self._sound),
            (4, self._spoken),
            (1, self._written),
            (2, self._taken),
            (1, self._missed),
            (2, self._refused),
        )
        return self._chance.choices([lie for _, lie in lies], [times for times, _ in lies])[0]()

    def _updated(self) -> Json:
        return {"type": "session.updated", "session": {"type": "realtime", "id": "sess_l"}}

    def _body(self, response_id: str | None, status: str) -> Json:
        author = self._author()
        mark = None if author is None else {MARK: author}
        body: Json = {"status": status, "conversation_id": "conv_l", "metadata": mark, "output": []}
        return {"object": "realtime.response", "id": response_id, **body}

    def _created(self) -> Json:
        return {
            "type": "response.created",
            "response": self._body(self._response(), "in_progress"),
        }

    def _done(self) -> Json:
        status, response_id = self._chance.choice(_STATUSES), self._maybe(self._response())
        return {"type": "response.done", "response": self._body(response_id, status)}

    def _item_added(self) -> Json:
        item: Json = {"id": self._item(), "type": "message", "role": "user", "content": []}
        return {"type": "conversation.item.added", "previous_item_id": None, "item": item}

    def _place(self) -> Json:
        where = {"item_id": self._item(), "output_index": 0, "content_index": 0}
        return {"response_id": self._response(), **where}

    def _called(self) -> Json:
        name = self._chance.choice(("get_time", "get_weather", "book", "fetch"))
        call = {"call_id": self._call(), "name": name, "arguments": "{}"}
        return {"type": "response.function_call_arguments.done", **self._place(), **call}

    def _words(self) -> Json:
        written = self._chance.random() < 0.5
        kind, field = ("text", "text") if written else ("audio_transcript", "transcript")
        said = "So they say. And so it is"
        if self._chance.random() < 0.5:
            return {"type": f"response.output_{kind}.delta", **self._place(), "delta": said}
        return {"type": f"response.output_{kind}.done", **self._place(), field: f"{said}."}

    def _sound(self) -> Json:
        if self._chance.random() < 0.3:
            return {"type": "response.output_audio.done", **self._place()}
        return {"type": "response.output_audio.delta", **self._place(), "delta": _SOUND}

    def _spoken(self) -> Json:
        what = self._chance.choice(
            ("speech_started", "speech_stopped", "committed", "cleared", "timeout_triggered")
        )
        place = {"audio_start_ms": 0, "audio_end_ms": 1, "previous_item_id": None}
        return {"type": f"input_audio_buffer.{what}", "item_id": self._item(), **place}

    def _written(self) -> Json:
        place = {"item_id": self._item(), "content_index": 0, "transcript": "Hm."}
        return {"type": "conversation.item.input_audio_transcription.completed", **place}

    def _error(self, code: str | None, message: str, param: str | None = None) -> Json:
        body: Json = {"message": message, "code": code, "param": param, "event_id": self._author()}
        return {"type": "error", "error": {"type": "invalid_request_error", **body}}

    def _taken(self) -> Json:
        holder = self._response() if self._chance.random() < 0.5 else None
        named = f" in progress: {holder}. Wait" if holder else "."
        return self._error(_TAKEN, f"Conversation already has an active response{named}")

    def _missed(self) -> Json:
        return self._error(_MISSED, "Cancellation failed: no active response found")

    def _refused(self) -> Json:
        return self._error("invalid_value", "No.", self._chance.choice((None, "session", "x")))
