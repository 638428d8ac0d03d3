"""The idle timeout of server turn detection: after a silence the model speaks again by itself.

It counts from the end of a response and its playback. What happens then is told by the API
reference, `input_audio_buffer.timeout_triggered`; no recording shows it.
"""

from typing import TYPE_CHECKING

from turngate.emulator.conversation import Item
from turngate.emulator.refusal import Json
from turngate.emulator.response import Response

if TYPE_CHECKING:
    from turngate.emulator.connection import Connection

_STIRS = (
    "input_audio_buffer.speech_started",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "response.created",
    "session.updated",
)
"""Whatever is sent of these meanwhile, it was not idle."""


class Idle:
    """Waits for the silence after each response of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def watch(self, response: Response) -> None:
        """Begin to wait: a response of the default conversation is over."""
        connection = self._connection
        timeout_ms = (connection.session.turn_detection or {}).get("idle_timeout_ms")
        if timeout_ms is None or connection.outbox.is_over:
            return
        audio_bytes = sum(output.audio_bytes for output in response.outputs)
        played_ms = (response.announced_ms or 0) + audio_bytes / response.settings.bytes_per_ms
        rest_ms = max(0.0, played_ms - connection.now_ms)
        since = self._stirred()
        start_ms = connection.heard_ms + rest_ms
        connection.agenda.put(
            connection.now_ms + rest_ms + timeout_ms,
            lambda: self._time_out(since, int(start_ms), int(start_ms + timeout_ms)),
        )

    def _stirred(self) -> tuple[int, ...]:
        return tuple(self._connection.outbox.sent[kind] for kind in _STIRS)

    def _time_out(self, since: tuple[int, ...], start_ms: int, end_ms: int) -> None:
        """Commit the silence and answer it, if nothing has happened since."""
        connection = self._connection
        if self._stirred() != since or connection.responder.active:
            return
        item_id = connection.ids.new("item")
        content: list[Json] = [{"type": "input_audio", "transcript": None}]
        wire: Json = {
            "id": item_id,
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": content,
        }
        item = Item(wire=wire, speech_ms=0)
        connection.conversation.insert(item)
        send = connection.outbox.send
        place: Json = {"audio_start_ms": start_ms, "audio_end_ms": end_ms, "item_id": item_id}
        send({"type": "input_audio_buffer.timeout_triggered", **place})
        committed = {"previous_item_id": item.announced_after, "item_id": item_id}
        send({"type": "input_audio_buffer.committed", **committed})
        connection.announce_added(item)
        connection.announce_done(item)
        connection.ledger.turn(item_id)
        connection.responder.begin_for(item)
