"""Spoken input: from appended audio to user turns, by the server or by manual commits."""

from typing import TYPE_CHECKING

from turngate.emulator import refusal
from turngate.emulator.conversation import Item
from turngate.emulator.hearing import Ear, Endpoint, InputBuffer, Onset
from turngate.emulator.refusal import Json
from turngate.emulator.score import words
from turngate.emulator.session import EAGERNESS_MS

if TYPE_CHECKING:
    from turngate.emulator.connection import Connection

SEMANTIC_PREFIX_MS = 300
MANUAL_THRESHOLD = 0.5


class Listener:
    """The input buffer of one connection and the turns that come of it."""

    def __init__(
        self,
        connection: "Connection",
        transcripts: tuple[str | None, ...],
        ear: Ear | None = None,
    ) -> None:
        self._connection = connection
        self._transcripts = transcripts
        self._spoken_turns = 0
        self._ear = ear
        self._buffer = InputBuffer(ear)
        self._pending_id: str | None = None

    def append(self, pcm: bytes, rate_hz: int) -> None:
        """Listen to s16le mono PCM; what it begins and ends is announced at once."""
        session = self._connection.session
        detection = session.turn_detection
        if self._ear:
            self._ear.expect(session.effective["tools"])
        threshold = (detection or {}).get("threshold", MANUAL_THRESHOLD)
        for found in self._buffer.append(pcm, rate_hz, threshold, _silence_ms(detection)):
            # A response that begins in here cannot change the detection: only the client can.
            match found:
                case Onset(at_ms):
                    self._started(at_ms, detection or {})
                case Endpoint(at_ms, speech_ms):
                    self._stopped(at_ms, speech_ms, detection or {})

    def clear(self) -> None:
        """Forget what was appended since the last commit."""
        self._buffer.empty()
        self._pending_id = None
        self._connection.outbox.send({"type": "input_audio_buffer.cleared"})

    def commit(self) -> None:
        """Make a user item of the buffer.

        Raises:
            Refusal: There is too little in it.

        """
        least_ms = self._connection.knobs.commit_min_ms
        if self._buffer.buffered_ms < least_ms:
            raise refusal.commit_empty(self._buffer.buffered_ms, least_ms)
        self._commit(self._pending_id or self._connection.ids.new("item"), self._buffer.speech_ms)

    def _started(self, onset_ms: float, detection: Json) -> None:
        connection = self._connection
        self._pending_id = connection.ids.new("item")
        prefix_ms = detection.get("prefix_padding_ms", SEMANTIC_PREFIX_MS)
        connection.outbox.send(
            {
                "type": "input_audio_buffer.speech_started",
                "audio_start_ms": max(0, int(onset_ms - prefix_ms)),
                "item_id": self._pending_id,
            }
        )
        if detection["interrupt_response"]:
            connection.responder.interrupt()

    def _stopped(self, end_ms: float, speech_ms: float, detection: Json) -> None:
        connection = self._connection
        item_id = self._pending_id or connection.ids.new("item")
        connection.outbox.send(
            {
                "type": "input_audio_buffer.speech_stopped",
                "audio_end_ms": int(end_ms),
                "item_id": item_id,
            }
        )
        item = self._commit(item_id, speech_ms)
        if not detection["create_response"]:
            return
        if connection.responder.active:
            connection.ledger.count("vad_create_suppressed")
            if connection.responder.active.announced_ms is None:
                # the client will take the response for this turn's, and rightly so
                connection.ledger.excuse(item.id)
        else:
            connection.responder.begin_for(item)

    def _commit(self, item_id: str, speech_ms: float) -> Item:
        connection = self._connection
        self._spoken_turns += 1
        self._pending_id = None
        heard = self._buffer.heard()
        self._buffer.empty()
        wire: Json = {
            "id": item_id,
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        item = Item(wire=wire, speech_ms=speech_ms)
        if self._spoken_turns > len(self._transcripts):
            item.heard = heard
        connection.conversation.insert(item)
        settings = connection.session.effective["audio"]["input"]["transcription"]
        if settings is not None and connection.knobs.transcript_before_commit:
            self._write_down(item, self._spoken_turns)
        connection.outbox.send(
            {
                "type": "input_audio_buffer.committed",
                "previous_item_id": item.announced_after,
                "item_id": item_id,
            }
        )
        connection.announce_added(item)
        connection.announce_done(item)
        connection.ledger.turn(item_id)
        if settings is not None:
            turn = self._spoken_turns
            delay_ms = connection.knobs.transcript_ms
            connection.later(delay_ms, lambda: self._transcribe(item, turn, settings["model"]))
        return item

    def _transcript(self, item: Item, turn: int) -> str | None:
        """Return what the user said: the script's words, what the ear heard, or how long it was."""
        if turn <= len(self._transcripts):
            return self._transcripts[turn - 1]
        if item.heard:
            return item.heard.transcript
        return item.measured

    def _write_down(self, item: Item, turn: int) -> None:
        """Send the pieces of what the user said; nothing where it cannot be written down."""
        for word in words(self._transcript(item, turn) or ""):
            noise = self._connection.ids.noise(16 - len(word) % 16)
            piece = {"delta": word, "obfuscation": noise}
            self._connection.outbox.send({"type": f"{_WRITTEN}.delta", **_place(item), **piece})

    def _transcribe(self, item: Item, turn: int, model: str) -> None:
        """Send what the user said, or that it cannot be written down."""
        transcript = self._transcript(item, turn)
        outbox = self._connection.outbox
        if transcript is None:
            error = {
                "type": "server_error",
                "code": "transcription_failed",
                "message": f"Input transcription failed for item '{item.id}'.",
                "param": None,
            }
            outbox.send({"type": f"{_WRITTEN}.failed", **_place(item), "error": error})
            return
        if not self._connection.knobs.transcript_before_commit:
            self._write_down(item, turn)
        if turn <= len(self._transcripts) or item.said:
            item.wire["content"][0]["transcript"] = transcript
        outbox.send(
            {
                "type": f"{_WRITTEN}.completed",
                **_place(item),
                "transcript": transcript,
                "usage": _transcription_usage(model, (item.speech_ms or 0) / 1000, transcript),
            }
        )


_WRITTEN = "conversation.item.input_audio_transcription"


def _place(item: Item) -> Json:
    return {"item_id": item.id, "content_index": 0}


def _silence_ms(detection: Json | None) -> float | None:
    """How much silence ends a turn; None where only a commit does."""
    if detection is None:
        return None
    if detection["type"] == "semantic_vad":
        return EAGERNESS_MS[detection["eagerness"]]
    return detection["silence_duration_ms"]


def _transcription_usage(model: str, speech_s: float, transcript: str) -> Json:
    if "whisper" in model:
        return {"type": "duration", "seconds": max(1, round(speech_s))}
    heard, written = round(speech_s * 10), len(transcript) // 4 + 1
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
