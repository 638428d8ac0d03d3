"""An upstream that says what is well formed and not so: of a turn nothing can be promised then.

What has to hold all the same is that nothing breaks inside and nothing of another call is shown. It is
here, too, that those rows of the golden tables are passed which no honest server leads to.
"""

import asyncio
from random import Random
from typing import Any

import msgspec
from proof.simulation.line import Line

from turngate.dialects.realtime import MARK

Json = dict[str, Any]
_TAKEN = "conversation_already_has_active_response"
_CODES = (_TAKEN, "response_cancel_not_active", "invalid_value", None)
_STATUSES = ("completed", "failed", "cancelled", "incomplete")


class Liar:
    """Says things on one line, out of what it has heard there."""

    def __init__(self, line: Line, chance: Random) -> None:
        self._line, self._chance = line, chance

    async def lie(self) -> None:
        """Lie now and then until the line is over."""
        while not self._line.is_over():
            await asyncio.sleep(self._chance.choice((0.0, 0.004, 0.05, 0.4)))
            if self._line.upstream is not None:
                self._line.inserted(msgspec.json.encode({"event_id": "event_l", **self._lie()}))

    def _response(self) -> str | None:
        witness = self._line.witness
        known = (*sorted(witness.running)[:2], *sorted(witness.ended)[-1:])
        return self._chance.choice((*known, *known, "resp_lie", "resp_tale", None))

    def _author(self) -> str | None:
        witness = self._line.witness
        mine = f"tg_request_{witness.requests}", f"tg_update_{witness.updates}"
        return self._chance.choice((*mine, *mine, "tg_request_0", "else", None))

    def _item(self) -> str:
        server = self._line.server
        known = [item.id for item in server.conversation.items[-2:]] if server is not None else []
        return self._chance.choice((*known, "item_lie", "item_tale"))

    def _call(self) -> str:
        server = self._line.server
        items = [] if server is None else server.conversation.items
        known = [item.wire["call_id"] for item in items if "call_id" in item.wire]
        return self._chance.choice((*known[-2:], "call_lie"))

    def _lie(self) -> Json:
        return self._chance.choice(
            (
                self._created,
                self._done,
                self._done,
                self._error,
                self._error,
                self._updated,
                self._spoken,
                self._spoken,
                self._item_added,
                self._words,
                self._called,
            )
        )()

    def _body(self, status: str) -> Json:
        author = self._author()
        mark = None if author is None else {MARK: author}
        body: Json = {"status": status, "conversation_id": "conv_l", "metadata": mark, "output": []}
        return {"object": "realtime.response", "id": self._response(), **body}

    def _created(self) -> Json:
        return {"type": "response.created", "response": self._body("in_progress")}

    def _done(self) -> Json:
        return {"type": "response.done", "response": self._body(self._chance.choice(_STATUSES))}

    def _error(self) -> Json:
        holder = self._response()
        named = f" in progress: {holder}. Wait" if holder else "."
        body: Json = {"message": f"Conversation already has an active response{named}"}
        body |= {"code": self._chance.choice(_CODES), "param": None, "event_id": self._author()}
        return {"type": "error", "error": {"type": "invalid_request_error", **body}}

    def _updated(self) -> Json:
        return {"type": "session.updated", "session": {"type": "realtime", "id": "sess_l"}}

    def _spoken(self) -> Json:
        what = self._chance.choice(("speech_started", "speech_stopped", "committed", "cleared"))
        place = {"audio_start_ms": 0, "audio_end_ms": 1, "previous_item_id": None}
        return {"type": f"input_audio_buffer.{what}", "item_id": self._item(), **place}

    def _item_added(self) -> Json:
        item: Json = {"id": self._item(), "type": "message", "role": "user", "content": []}
        return {"type": "conversation.item.added", "previous_item_id": None, "item": item}

    def _place(self) -> Json:
        where = {"item_id": self._item(), "output_index": 0, "content_index": 0}
        return {"response_id": self._response() or "resp_lie", **where}

    def _words(self) -> Json:
        written = self._chance.random() < 0.5
        kind, field = ("text", "text") if written else ("audio_transcript", "transcript")
        return {"type": f"response.output_{kind}.done", **self._place(), field: "So they say."}

    def _called(self) -> Json:
        call = {"call_id": self._call(), "name": "get_time", "arguments": "{}"}
        return {"type": "response.function_call_arguments.done", **self._place(), **call}
