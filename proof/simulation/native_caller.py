"""A caller of the Realtime protocol: rude, since it never waits, and a judge of what it is told."""

from collections import Counter
from random import Random
from typing import Any

import msgspec
import pybase64
from picows import WSMsgType
from proof.simulation.line import Line
from proof.simulation.network import End, Frame
from proof.simulation.order_rows import HELD
from proof.simulation.wishes import ANSWERS_S, wish_of

from turngate.audio.tone import silence, tone
from turngate.core import limits
from turngate.emulator.connection import Connection as Server

TAKEN = "conversation_already_has_active_response"
OURS = "event_turngate_"
"""What the names of the gateway's own errors begin with."""

LOUD = tuple(pybase64.b64encode(tone(ms)).decode() for ms in (60, 200, 400))
QUIET = pybase64.b64encode(silence(800)).decode()

Said = tuple[str, str]
"""An event's type, and its other fields."""

ASK: Said = "response.create", ""
CHANGE: Said = "session.update", '"session":{"type":"realtime"}'
CHANGE_INPUT: Said = "session.update", '"session":{"type":"realtime","audio":{"input":{}}}'
ITEM: Said = (
    "conversation.item.create",
    f'"item":{{"type":"message","id":"{HELD}","role":"user","content":[]}}',
)
COMMIT: Said = "input_audio_buffer.commit", ""
CANCEL: Said = "response.cancel", ""
BEFORE: tuple[tuple[Said, ...], ...] = (
    (),
    (ASK,),
    (CHANGE,),
    (CHANGE_INPUT,),
    (ASK, ITEM),
    (ASK, COMMIT),
)
EVENTS: tuple[Said, ...] = (
    ASK,
    CHANGE,
    CHANGE_INPUT,
    ITEM,
    COMMIT,
    ("response.create", '"response":{"conversation":"none"}'),
    (
        "conversation.item.create",
        '"item":{"type":"function_call_output","call_id":"c","output":""}',
    ),
    ("conversation.item.delete", '"item_id":"known"'),
    ("conversation.item.retrieve", '"item_id":"known"'),
    ("conversation.item.retrieve", f'"item_id":"{HELD}"'),
    ("conversation.item.truncate", '"item_id":"known","content_index":0,"audio_end_ms":0'),
    ("input_audio_buffer.append", f'"audio":"{QUIET}"'),
    ("input_audio_buffer.clear", ""),
    ("response.cancel", '"response_id":"r"'),
    CANCEL,
    ("output_audio_buffer.clear", ""),
    ("brand.new", ""),
)
"""Every event that a table of the order knows, and what may wait before it."""

Json = dict[str, Any]

_decode = msgspec.json.Decoder(Json).decode


class NativeCaller:
    """Asks, updates, cancels and speaks whenever it likes."""

    garbage: tuple[bytes, ...] = (
        b'{"type":"unheard.of"}',
        b"{",
        b"[]",
        b'{"type":"response.create","response":5}',
    )
    harmless: bytes = b'{"type":"input_audio_buffer.clear"}'

    def __init__(self, line: Line, whims: Random | None = None) -> None:
        self._line, self._chance = line, line.chance
        self._whims = whims
        self.errors: Counter[str] = Counter()
        self.is_over = self.has_left = self.is_connected = False
        self.close_code: int | None = None
        self._end: End | None = None
        self._sent = 0
        self._typed: list[str] = []
        self._asked: set[str] = set()
        self._began: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._unnamed = 0
        self._running: dict[str, list[str]] = {}
        self._over: set[str] = set()
        self.lets_server_answer = False

    @property
    def failures(self) -> int:
        """How many failures it was told of."""
        return sum(self.errors.values())

    def words(self) -> list[str]:
        """Return each line that was typed."""
        return self._typed

    # -- as a listener

    def on_ws_connected(self, transport: End) -> None:
        """Say how turns are to be taken."""
        self._end, self.is_connected = transport, True
        self.lets_server_answer = self._chance.random() < 0.5
        answers = "true" if self.lets_server_answer else "false"
        turns = f'{{"type":"server_vad","create_response":{answers},"interrupt_response":true}}'
        tools = ",".join(
            f'{{"type":"function","name":"{name}","parameters":{{"type":"object"}}}}'
            for name in ("get_time", "get_weather", "look_up")
        )
        audio = f'"audio":{{"input":{{"turn_detection":{turns}}}}}'
        self._say("session.update", f'"session":{{"type":"realtime",{audio},"tools":[{tools}]}}')

    def on_ws_disconnected(self, transport: End) -> None:
        """Remember that there is nobody any more."""
        del transport
        self.is_over = True

    def pause_writing(self) -> None:
        """Go on all the same."""

    def resume_writing(self) -> None:
        """Go on."""

    def on_ws_frame(self, transport: End, frame: Frame) -> None:
        """Judge what the gateway says."""
        if frame.msg_type is WSMsgType.CLOSE:
            self.close_code = frame.code
            transport.send_close(frame.code, b"")
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT and b".delta" not in frame.payload[:80]:
            try:
                event = _decode(frame.payload)
            except (msgspec.MsgspecError, RecursionError):
                return  # the upstream's nonsense is relayed
            self._told(event)

    def _told(self, event: Json) -> None:
        match event:
            case {"type": "error", "error": {"code": code, "event_id": event_id}}:
                self._failed(str(event.get("event_id")), code, event_id)
            case {"type": "error", "error": {"code": code}}:
                self._failed(str(event.get("event_id")), code, None)
            case {"type": "response.created", "response": {"id": response_id} as response}:
                self._running[response_id] = []
                self._count(response)
            case {"type": "response.function_call_arguments.done", "call_id": call_id}:
                self._running.setdefault(event["response_id"], []).append(call_id)
            case {"type": "response.done", "response": {"id": response_id} as response}:
                self._ended(response_id, response)
            case {"type": "input_audio_buffer.committed"} if not self.lets_server_answer:
                self._ask()
            case {"type": "conversation.item.done", "item": {"role": "user", "content": content}}:
                self._shown(content)
            case _:
                pass

    def _shown(self, content: list[Json]) -> None:
        for part in content:
            words = (part.get("text") or "").split()
            foreign = [each for each in words if each.startswith("word_")]
            if any(not each.startswith(f"word_{self._line.name}_") for each in foreign):
                self._line.complain("I7", f"words of another call: {words}")

    def _failed(self, named: str, code: str | None, event_id: str | None) -> None:
        self.errors[code or "none"] += 1
        worn_out = self._line.witness.refusals >= limits.TRIES
        if code == TAKEN and not named.startswith(OURS) and not worn_out:
            self._line.complain("I1", f"the upstream's refusal of {event_id} reached the client")
        if code == "internal_server_error":
            self._line.complain("bug", "the gateway failed inside")
        if event_id is None:
            self._unnamed += 1
        elif event_id.startswith("tg_"):
            self._line.complain("truth", f"an error names what the client never sent: {event_id}")
        else:
            self._refused[event_id] += 1

    def _count(self, response: Json) -> None:
        metadata: Json = response.get("metadata") or {}
        if "tg_request" in str(metadata):
            self._line.complain("truth", f"a mark reached the client: {metadata}")
        asked = metadata.get("of")
        if asked is not None:
            self._began[asked] += 1

    def _ended(self, response_id: str, response: Json) -> None:
        if response_id not in self._running:
            if response_id not in self._over:
                self._count(response)  # it was never announced
            self._over.add(response_id)
            return
        self._over.add(response_id)
        calls = self._running.pop(response_id)
        if calls and response.get("status") == "completed":
            after_s = self._chance.choice(ANSWERS_S)
            self._line.lasts(after_s)
            self._line.loop.call_later(after_s, self._answer, calls)

    def _answer(self, calls: list[str]) -> None:
        for call_id in calls:
            item = f'"type":"function_call_output","call_id":"{call_id}","output":"noon"'
            self._say("conversation.item.create", f'"item":{{{item}}}')
        self._ask()

    # -- what it says

    def _say(self, kind: str, fields: str = "") -> str:
        self._sent += 1
        named = f"c{self._sent}"
        said = f'{{"type":"{kind}","event_id":"{named}"{"," if fields else ""}{fields}}}'
        if self._end is not None:
            self._end.send(WSMsgType.TEXT, said.encode())
        return named

    def _ask(self) -> None:
        named = f"c{self._sent + 1}"
        self._say("response.create", f'"response":{{"metadata":{{"of":"{named}"}}}}')
        self._asked.add(named)

    def type(self, wish: str | None = None) -> None:
        """Write a message and ask for its answer, whatever goes on."""
        said = f"word_{self._line.name}_{self._sent} {wish_of(self._chance, wish)}".strip()
        self._typed.append(said)
        content = f'[{{"type":"input_text","text":"{said}"}}]'
        item = f'{{"type":"message","role":"user","content":{content}}}'
        self._say("conversation.item.create", f'"item":{item}')
        self._ask()

    def speak(self) -> None:
        """Say something aloud."""
        for audio in (self._chance.choice(LOUD), QUIET):
            self._say("input_audio_buffer.append", f'"audio":"{audio}"')

    def update(self) -> None:
        """Change the instructions."""
        told = f'"instructions":"word_{self._line.name}_{self._sent}"'
        self._say("session.update", f'"session":{{"type":"realtime",{told}}}')

    def cancel(self) -> None:
        """Stop whatever runs."""
        self._say("response.cancel")

    def barge_in(self) -> None:
        """Ask for something long, and speak into it."""
        self.type("a tale")
        self._line.loop.call_later(self._chance.choice((0.3, 0.6, 1.5)), self.speak)

    def take_a_turn(self, chance: Random) -> None:
        """Do one of the things that want an answer."""
        chance.choices((self.type, self.speak), (7, 2))[0]()
        if chance.random() < 0.15:
            self.update()
        if chance.random() < 0.1:
            self.cancel()
        if self._whims is not None:
            for _ in range(self._whims.randint(0, 6)):
                self._line.loop.call_later(self._whims.uniform(0, 20), self._follow, self._whims)

    def _follow(self, whims: Random) -> None:
        """Say what has to wait, as far as something has to, and something behind it.

        A cancel first takes back the requests that wait.
        """
        before = whims.choice(((), (CANCEL,)))
        for each in (*before, *whims.choice(BEFORE), whims.choice(EVENTS)):
            self._say(*each)

    def hang_up(self) -> None:
        """Leave in order."""
        self.has_left = True
        if self._end is not None:
            self._end.send_close(1000, b"")

    # -- what it makes of a call at rest

    def judge(self, server: Server) -> None:
        """Look whether each request has had one response, or one refusal."""
        del server
        for named in sorted(self._asked):
            began, refused = self._began[named], self._refused[named]
            if began > 1 or refused > 1 or (began and refused):
                self._line.complain("I2", f"{named} began {began}, was refused {refused} times")
            elif not began and not refused and not self._unnamed:
                self._line.complain("I2", f"{named} has neither a response nor a refusal")
        self._asked.clear()
