"""One connection to the emulated server, without sockets and without a clock.

The shell hands in frames with the time of their arrival and calls `advance` when `next_ms` is
due; each call returns the effects to perform, in order. All state changes happen in these calls.
Who may respond when is in `responder`, who is speaking in `listener`.
"""

import binascii
from collections.abc import Callable
from typing import Any

import pybase64

from turngate.audio.g711 import decode_alaw, decode_ulaw
from turngate.emulator import older, refusal, requests
from turngate.emulator.audit import Ledger
from turngate.emulator.conversation import Conversation, Item, as_echoed
from turngate.emulator.hearing import Ear
from turngate.emulator.idle import Idle
from turngate.emulator.ids import Ids
from turngate.emulator.knobs import Knobs
from turngate.emulator.listener import Listener
from turngate.emulator.mcp import McpServers
from turngate.emulator.mind import Mind
from turngate.emulator.outbox import Agenda, Close, Effect, Outbox
from turngate.emulator.refusal import Json, Refusal
from turngate.emulator.responder import Responder
from turngate.emulator.script import FunctionCall, Message, Script
from turngate.emulator.session import Session
from turngate.emulator.spoken import Spoken
from turngate.units import RATE_HZ, pcm_ms


class Connection:
    """The emulated server's side of one WebSocket, from session.created to the close."""

    def __init__(
        self,
        *,
        knobs: Knobs,
        script: Script,
        model: str = "gpt-realtime",
        number: int = 1,
        started_s: float = 1_790_000_000,
        ear: Ear | None = None,
    ) -> None:
        self.now_ms = 0.0
        self.agenda = Agenda()
        self.ids = Ids(knobs.seed + number, started_s)
        self.outbox = Outbox(self.ids, knobs)
        self.ledger = Ledger(number)
        self.session = Session(self.ids.new("sess"), model, self.ids.unix_s, knobs)
        self.conversation = Conversation()
        self.conversation_id = self.ids.new("conv")
        self.responder = Responder(self, Mind(script))
        self.listener = Listener(self, script.transcripts, ear)
        self.idle = Idle(self)
        self.mcp = McpServers(self, script.mcp_tools)
        self.heard_ms = 0.0
        """Audio appended so far."""
        self._updates = 0
        self._creates = 0
        self._first_type: str | None = None
        self.answered_ms = 0.0
        """When everything that was asked so far is answered."""
        self._held_acknowledgements: list[Callable[[], None]] = []

    # The shell's side

    @property
    def knobs(self) -> Knobs:
        """The knobs in force."""
        return self.outbox.knobs

    @knobs.setter
    def knobs(self, knobs: Knobs) -> None:
        self.outbox.knobs = knobs

    @property
    def next_ms(self) -> float | None:
        """When `advance` must be called next, or None when nothing is pending."""
        return None if self.outbox.is_over else self.agenda.next_ms

    def open(self, at_ms: float = 0.0) -> list[Effect]:
        """Begin: session.created and nothing else."""
        self._set_time(at_ms)
        if not self.knobs.omit_session_created:
            self.outbox.send({"type": "session.created", "session": self.session.snapshot()})
        if self.knobs.expire_after_ms is not None:
            self.agenda.put(at_ms + self.knobs.expire_after_ms, self._expire)
        return self.outbox.drain()

    def open_beta(self) -> list[Effect]:
        """Refuse a client of the beta protocol, as the service does."""
        message = (
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
        )
        self.outbox.refuse(Refusal("beta_api_shape_disabled", message), None)
        self.outbox.put(Close(4000, message))
        return self.outbox.drain()

    def receive(self, frame: bytes | str, at_ms: float, *, is_binary: bool = False) -> list[Effect]:
        """Take one client message that arrived at `at_ms`, after everything due before it."""
        effects = self.advance(at_ms)
        if not self.outbox.is_over:
            self._receive(frame, is_binary=is_binary)
        return effects + self.advance(at_ms)

    def advance(self, at_ms: float) -> list[Effect]:
        """Do everything that is due at `at_ms`."""
        while entry := self.agenda.take(at_ms):
            due_ms, act = entry
            self._set_time(max(due_ms, self.now_ms))
            act()
        self._set_time(max(at_ms, self.now_ms))
        return self.outbox.drain()

    def spoken(self, response_id: str, audio: list[Spoken], at_ms: float) -> list[Effect]:
        """Take the sound that a Speak effect asked for, encoded as it asked."""
        self._set_time(max(at_ms, self.now_ms))
        self.responder.spoken(response_id, audio)
        return self.advance(at_ms)

    def thought(
        self, response_id: str, output: Message | FunctionCall, audio: Spoken, at_ms: float
    ) -> list[Effect]:
        """Take a piece of what a Think effect asked for, and its sound, encoded as it asked."""
        self._set_time(max(at_ms, self.now_ms))
        self.responder.thought(response_id, output, audio)
        return self.advance(at_ms)

    def thought_through(
        self, response_id: str, at_ms: float, failure: str | None = None
    ) -> list[Effect]:
        """Take the end of what a Think effect asked for, or why it failed."""
        self._set_time(max(at_ms, self.now_ms))
        self.responder.thought_through(response_id, failure)
        return self.advance(at_ms)

    def _set_time(self, at_ms: float) -> None:
        self.now_ms = at_ms
        self.ids.at(at_ms)

    def later(self, delay_ms: float, act: Callable[[], None]) -> None:
        """Have `act` called `delay_ms` from now, plus jitter."""
        jitter_ms = self.ids.jitter(self.knobs.jitter_ms)
        self.agenda.put(self.now_ms + delay_ms + jitter_ms, act)

    def _expire(self) -> None:
        minutes = "Your session hit the maximum duration of 60 minutes."
        self.outbox.refuse(Refusal("session_expired", minutes), None)
        self.outbox.put(Close(1001, minutes))

    # Client events

    def _receive(self, frame: bytes | str, *, is_binary: bool) -> None:
        event: Json = {"type": "(unreadable)"}
        active_id = self.responder.active_id
        verdict = "accepted"
        try:
            event = requests.decode(frame, is_binary=is_binary)
            if self.knobs.older_shape:
                event = older.understood(event)
            self._first_type = self._first_type or event["type"]
            verdict = self._judge(event) or verdict
            requests.check(event)
            self._act(event)
        except Refusal as refused:
            verdict = refused.code or refused.kind
            self.outbox.refuse(refused, requests.event_id_of(event))
        self.ledger.record(
            at_ms=self.now_ms,
            event_type=event["type"],
            event_id=requests.event_id_of(event),
            active_id=active_id,
            verdict=verdict,
        )

    def _judge(self, event: Json) -> str | None:
        """Count what this event breaks, before any rule may refuse it."""
        match event["type"]:
            case "session.update" if self.responder.active:
                return self.count_active("session_update_while_active")
            case "input_audio_buffer.append" | "conversation.item.create" if not self._is_ready:
                self.ledger.count("append_before_ready")
                return "append_before_ready"
            case _:
                return None

    @property
    def _is_ready(self) -> bool:
        """False while the session.update that a client began with has no answer."""
        answered = self.outbox.sent["session.updated"] + self.outbox.sent["error"]
        return self._first_type != "session.update" or answered > 0

    def count_active(self, violation: str) -> str:
        """Count an event that came during a response: a race where nobody could know of it."""
        name = "race" if self.responder.is_unannounced() else violation
        self.ledger.count(name)
        return name

    def _act(self, event: Json) -> None:
        match event["type"]:
            case "session.update":
                self._update(event["session"])
            case "input_audio_buffer.append":
                self._append(event["audio"])
            case "input_audio_buffer.commit":
                self.listener.commit()
            case "input_audio_buffer.clear":
                self.listener.clear()
            case "conversation.item.create":
                self._create_item(event)
            case "conversation.item.retrieve":
                item = self._existing("retrieve", event["item_id"])
                self.outbox.send({"type": "conversation.item.retrieved", "item": item.wire})
            case "conversation.item.delete":
                item = self._existing("delete", event["item_id"])
                self.conversation.remove(item)
                self.ledger.withdrawn(item.id)
                self.outbox.send({"type": "conversation.item.deleted", "item_id": item.id})
            case "conversation.item.truncate":
                self._truncate(event)
            case "response.create":
                self._creates += 1
                if self._creates not in self.knobs.silent_create:
                    self.responder.create(event.get("response") or {})
            case _:
                self.responder.cancel(event.get("response_id"))

    def _update(self, given: Any) -> None:
        self._updates += 1
        if self._updates in self.knobs.silent_session_update:
            return
        if self._updates in self.knobs.refuse_session_update:
            raise refusal.unknown(self.knobs.refuse_param)
        active = self.responder.active
        if active and self.knobs.strict_session_update:
            raise refusal.active_response(active.id)
        self.session.update(
            given,
            assistant_audio=self.responder.has_spoken,
            active=active is not None,
        )
        updated = {"type": "session.updated", "session": self.session.snapshot()}
        self._in_order(self.knobs.session_updated_ms, lambda: self.outbox.send(updated))
        self._in_order(0, self.mcp.list_tools)

    def _append(self, audio: str) -> None:
        try:
            sound = pybase64.b64decode(audio, validate=True)
        except (binascii.Error, ValueError):
            raise refusal.invalid("audio", "Invalid 'audio': not valid base64.") from None
        if len(sound) > self.knobs.append_max_bytes:
            limit = self.knobs.append_max_bytes
            raise refusal.invalid("audio", f"Invalid 'audio': more than {limit} bytes.")
        match self.session.effective["audio"]["input"]["format"]["type"]:
            case "audio/pcmu":
                self._hear(decode_ulaw(sound), 8000)
            case "audio/pcma":
                self._hear(decode_alaw(sound), 8000)
            case _ if len(sound) % 2:
                raise refusal.invalid("audio", "Invalid 'audio': half a sample at the end.")
            case _:
                self._hear(sound, RATE_HZ)

    def _hear(self, pcm: bytes, rate_hz: int) -> None:
        self.heard_ms += pcm_ms(len(pcm), rate_hz)
        self.listener.append(pcm, rate_hz)

    # Items

    def _existing(self, verb: str, item_id: str) -> Item:
        item = self.conversation.find(item_id)
        if item is None:
            raise refusal.no_such_item(verb, item_id)
        return item

    def _create_item(self, event: Json) -> None:
        given: Json = event["item"]
        if given["type"] == "function_call_output":
            self._check_output(given["call_id"])
        item = Item(wire=as_echoed(given, self.ids))
        self.conversation.insert(item, event.get("previous_item_id"))
        self._note(item)
        if given["type"] == "function_call_output":
            self._acknowledge_output(item)
        elif given.get("role") == "user" and self.knobs.user_item_added_after_args_done:
            self._held_acknowledgements.append(lambda: self._announce(item))
        else:
            self._acknowledge(lambda: self._announce(item))

    def _check_output(self, call_id: str) -> None:
        if self.conversation.call(call_id) is None:
            self.ledger.count("output_for_unknown_call")
            raise Refusal("invalid_value", "Tool call ID not found in conversation.")
        if self.conversation.output(call_id) is not None:
            self.ledger.count("output_for_answered_call")

    def _note(self, item: Item) -> None:
        """Tell the audit what this item means for whose turn it is."""
        match item.wire.get("role"):
            case "user":
                self.ledger.turn(item.id)
            case "system":
                self.ledger.turn(item.id, is_excused=True)
            case "assistant":
                self.ledger.history()
            case _ if item.wire["type"] == "function_call_output":
                self.responder.output_given(item.wire["call_id"])
            case _:
                pass

    def _in_order(self, delay_ms: float, act: Callable[[], None]) -> None:
        """Answer later, but never before what was asked before."""
        jitter_ms = self.ids.jitter(self.knobs.jitter_ms)
        self.answered_ms = max(self.answered_ms, self.now_ms + delay_ms + jitter_ms)
        self.agenda.put(self.answered_ms, act)

    def _acknowledge(self, act: Callable[[], None]) -> None:
        self._in_order(self.knobs.item_ack_ms, act)

    def _acknowledge_output(self, item: Item) -> None:
        match self.knobs.output_ack:
            case "none":
                return
            case "done_only":
                self._acknowledge(lambda: self.announce_done(item))
            case "after_response_done" if self.responder.active:
                self._held_acknowledgements.append(lambda: self._announce(item))
            case _:
                self._acknowledge(lambda: self._announce(item))

    def release_acknowledgements(self) -> None:
        """Send the acknowledgements that waited for the response to come this far."""
        held, self._held_acknowledgements = self._held_acknowledgements, []
        for acknowledge in held:
            acknowledge()

    def _announce(self, item: Item) -> None:
        self.announce_added(item)
        self.announce_done(item)

    def announce_added(self, item: Item) -> None:
        """Send conversation.item.added."""
        self.outbox.send(
            {
                "type": "conversation.item.added",
                "previous_item_id": item.announced_after,
                "item": item.wire,
            }
        )

    def announce_done(self, item: Item) -> None:
        """Send conversation.item.done."""
        self.outbox.send(
            {
                "type": "conversation.item.done",
                "previous_item_id": self.conversation.done_after(item),
                "item": item.wire,
            }
        )

    def _truncate(self, event: Json) -> None:
        item = self._existing("truncate", event["item_id"])
        end_ms: int = event["audio_end_ms"]
        if item.wire.get("role") != "assistant" or not item.audio_ms:
            raise Refusal(None, "Only model output audio messages can be truncated.")
        if end_ms > item.audio_ms:
            have_ms = int(item.audio_ms)
            message = f"Audio content of {have_ms}ms is already shorter than {end_ms}ms"
            raise Refusal("invalid_value", message, "audio_end_ms")
        self.ledger.heard_words = item.cut(end_ms)
        for part in item.wire["content"]:
            part["transcript"] = None
        self.outbox.send(
            {
                "type": "conversation.item.truncated",
                "item_id": item.id,
                "content_index": event["content_index"],
                "audio_end_ms": end_ms,
            }
        )
