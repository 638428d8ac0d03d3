"""A rude client of the native front and what it meets, in one process and in virtual time.

The client says whatever comes to its mind whenever it likes. A wire of its own delay lies between
it and the gateway, and another between the gateway and the emulator; both keep their order.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pybase64
from picows import WSMsgType

from turngate.audio.tone import silence, tone
from turngate.emulator import Audit, Call, Knobs, Reply, Script
from turngate.emulator.connection import Connection
from turngate.emulator.outbox import Send
from turngate.gateway.native_call import NativeCall
from turngate.gateway.outside import Outside
from turngate.gateway.target import Target
from turngate.units import Ms

Json = dict[str, Any]

SCRIPT = Script(
    replies=(
        Reply(match="both", calls=(Call("get_time"), Call("get_weather"))),
        Reply(match="call", calls=(Call("get_time"),)),
        Reply(match="story", text="Once upon a time there was a fox who ran and ran and ran."),
        Reply(text="Yes."),
    )
)

LOUD = pybase64.b64encode(tone(200)).decode()
QUIET = pybase64.b64encode(silence(700)).decode()


CALLS = 8
"""So many outputs are followed by a request; some of the script's calls would go on for ever."""


class Frame:
    """A whole text message as a listener reads it."""

    __slots__ = ("fin", "msg_type", "payload", "payload_size", "rsv1", "rsv2", "rsv3")

    def __init__(self, payload: bytes) -> None:
        self.msg_type, self.payload, self.fin = WSMsgType.TEXT, payload, True
        self.payload_size = len(payload)
        self.rsv1 = self.rsv2 = self.rsv3 = False

    def get_payload_as_bytes(self) -> bytes:
        return self.payload


def framed(message: bytes) -> Any:
    """Return a message as a frame, as far as listeners look at one."""
    return Frame(message)


class Wire:
    """One direction: messages arrive in order, each later by some ms."""

    def __init__(self, chance: Random, most_ms: float, arrive: Callable[[bytes], None]) -> None:
        self._chance, self._most_s, self._arrive = chance, most_ms / 1000, arrive
        self._last_s = 0.0

    def put(self, message: bytes) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._chance.random() * self._most_s
        # what is due at the same moment may change places in a heap of timers
        self._last_s = max(due_s, self._last_s + 1e-6)
        loop.call_at(self._last_s, self._arrive, message)


class End:
    """What stands for a connection's transport on the gateway's side."""

    is_close_frame_sent = is_disconnected = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.close_code: int | None = None

    def send(self, kind: WSMsgType, message: bytes) -> None:
        assert kind is WSMsgType.TEXT
        self._wire.put(message)

    def send_close(self, code: Any, reason: bytes) -> None:
        del reason
        self.close_code = int(code.value)

    def disconnect(self, graceful: bool = True) -> None:  # noqa: FBT002 - picows' signature
        pass


class Service:
    """The emulator in virtual time: takes events, and says what it says when it is due."""

    def __init__(self, knobs: Knobs, say: Callable[[bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._say = say
        self._timer: asyncio.TimerHandle | None = None
        self.connection = Connection(knobs=knobs, script=SCRIPT)
        self.took: list[tuple[float, bytes]] = []
        self.said: list[bytes] = []
        self.opened_ms = 0.0

    @property
    def now_ms(self) -> float:
        return self._loop.time() * 1000

    def open(self) -> None:
        self.opened_ms = self.now_ms
        self._perform(self.connection.open(self.now_ms))

    def take(self, event: bytes) -> None:
        self.took.append((self.now_ms, event))
        self._perform(self.connection.receive(event, self.now_ms))

    def _go_on(self) -> None:
        self._perform(self.connection.advance(self.now_ms))

    def _perform(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self.said.append(effect.frame)
                self._say(effect.frame)
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self.connection.next_ms
        if due_ms is not None:
            self._timer = self._loop.call_at(due_ms / 1000 + 1e-7, self._go_on)

    @property
    def audit(self) -> Audit:
        return Audit([self.connection.ledger])


class RudeClient:
    """Says `events` things at random; answers function calls, since nobody else does."""

    def __init__(
        self, chance: Random, say: Callable[[bytes], None], *, answers_speech: bool
    ) -> None:
        self._chance, self._say = chance, say
        self.said: dict[str, bytes] = {}
        self.heard: list[bytes] = []
        self.asked: list[str] = []
        self.updates: list[str] = []
        self._items: list[str] = []
        self._is_loud = False
        self._answered = 0
        self._beside: set[str] = set()
        turns = {"type": "server_vad", "create_response": answers_speech}
        session = {"output_modalities": ["text"], "audio": {"input": {"turn_detection": turns}}}
        self._update(**session)

    # -- what it hears

    def hear(self, message: bytes) -> None:
        self.heard.append(message)
        event = msgspec.json.decode(message)
        if event["type"] == "response.created" and event["response"]["conversation_id"] is None:
            self._beside.add(event["response"]["id"])
        elif event["type"] == "response.function_call_arguments.done":
            if event["response_id"] in self._beside:
                return  # its call is not in the conversation, so it takes no output
            loop = asyncio.get_running_loop()
            after_s = self._chance.random() * 0.2
            loop.call_later(after_s, self._answer_call, event["call_id"])
        elif event["type"] == "conversation.item.added" and event["item"]["type"] == "message":
            self._items.append(event["item"]["id"])

    def _answer_call(self, call_id: str) -> None:
        item = {"type": "function_call_output", "call_id": call_id, "output": "noon"}
        self._send("conversation.item.create", item=item)
        self._answered += 1
        if self._answered < CALLS:
            self.ask()

    # -- what it says

    def speak_out(self) -> None:
        """Say one thing."""
        acts: tuple[tuple[int, Callable[[], object]], ...] = (
            (8, self.ask),
            (8, self._write),
            (6, self._update),
            (5, self._make_noise),
            (2, lambda: self._send("input_audio_buffer.commit")),
            (1, lambda: self._send("input_audio_buffer.clear")),
            (1, lambda: self._send("response.cancel")),
            (1, self._retrieve),
            (1, self._delete),
            (1, lambda: self._update(brand_new=1)),
            (1, lambda: self._send("response.create", response={"conversation": "none"})),
        )
        self._chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()

    def calm_down(self) -> None:
        """Come to an end: stop talking."""
        self._send("input_audio_buffer.append", audio=QUIET)

    def _send(self, kind: str, **fields: Any) -> str:
        name = f"mine_{len(self.said)}"
        raw = msgspec.json.encode({"type": kind, "event_id": name, **fields})
        self.said[name] = raw
        self._say(raw)
        return name

    def ask(self) -> None:
        """Ask for a response, whether one runs or not."""
        number = str(len(self.asked))
        self.asked.append(self._send("response.create", response={"metadata": {"n": number}}))

    def _update(self, **session: Any) -> None:
        bears_its_name = {"type": "realtime", "instructions": f"mine_{len(self.said)}"}
        self.updates.append(self._send("session.update", session=bears_its_name | session))

    def _write(self) -> None:
        text = self._chance.choice(("hi", "call it", "call both", "a story", "and so on"))
        part = {"type": "input_text", "text": text}
        item_id = f"item_mine_{len(self.said)}"
        item = {"type": "message", "id": item_id, "role": "user", "content": [part]}
        self._send("conversation.item.create", item=item)
        self._items.append(item_id)

    def _make_noise(self) -> None:
        self._is_loud = not self._is_loud
        self._send("input_audio_buffer.append", audio=LOUD if self._is_loud else QUIET)

    def _retrieve(self) -> None:
        if self._items:
            self._send("conversation.item.retrieve", item_id=self._chance.choice(self._items))

    def _delete(self) -> None:
        if len(self._items) > 1:
            self._items.remove(gone := self._chance.choice(self._items[:-1]))
            self._send("conversation.item.delete", item_id=gone)


class Session:
    """One session of such a client, through turngate or, where `is_direct`, without it."""

    def __init__(
        self, seed: int, *, answers_speech: bool, is_direct: bool = False, **knobs: Any
    ) -> None:
        chance = Random(seed)
        usual = _knobs(chance, seed, answers_speech=answers_speech)
        self.knobs = msgspec.structs.replace(usual, **knobs)
        self.answers_speech = answers_speech
        wire_ms = chance.choice((0, 5, 40))
        self.call: NativeCall | None = None
        if is_direct:
            self.down = Wire(chance, wire_ms, self._hear)
            self.service = Service(self.knobs, self.down.put)
            self.up = Wire(chance, wire_ms, self.service.take)
            asyncio.get_running_loop().call_soon(self.service.open)
        else:
            self._through_turngate(chance, wire_ms)
        self.client = RudeClient(chance, self.up.put, answers_speech=answers_speech)
        self._chance = chance

    def _through_turngate(self, chance: Random, wire_ms: float) -> None:
        loop = asyncio.get_running_loop()
        self.down = Wire(chance, wire_ms, self._hear)
        outside = Outside(lambda: Ms(round(loop.time() * 1000)), self._dial)
        self.call = call = NativeCall(
            "rude",
            Target(url="ws://nowhere", name="emulator"),
            on_start=lambda _: None,
            on_end=lambda _: None,
            outside=outside,
        )
        near: Any = End(self.down)
        self.up = Wire(chance, wire_ms, lambda said: call.client.on_ws_frame(near, framed(said)))
        self._wire_ms = chance.choice((0, 5, 40))
        call.client.on_ws_connected(near)

    def _hear(self, message: bytes) -> None:
        self.client.hear(message)

    async def _dial(self, target: Target, listener: Any) -> None:
        del target
        down = Wire(
            self._chance, self._wire_ms, lambda said: listener.on_ws_frame(end, framed(said))
        )
        self.service = Service(self.knobs, down.put)
        end = End(Wire(self._chance, self._wire_ms, self.service.take))
        listener.on_ws_connected(end)
        self.service.open()

    async def play(self, events: int) -> None:
        """Let the client say so many things, and wait until everything has come to its end."""
        for _ in range(events):
            self.client.speak_out()
            await asyncio.sleep(self._chance.choice((0, 0, 0, 0.01, 0.05, 0.3)))
        self.client.calm_down()
        await asyncio.sleep(60)


def _knobs(chance: Random, seed: int, *, answers_speech: bool) -> Knobs:
    """Return a server of some pace, which races in some sessions where it may."""
    return Knobs(
        seed=seed,
        created_ms=chance.choice((0, 3, 30)),
        first_delta_ms=chance.choice((0, 20, 200)),
        per_delta_ms=chance.choice((0, 5, 60)),
        done_after_last_ms=chance.choice((0, 10)),
        item_ack_ms=chance.choice((0, 10)),
        session_updated_ms=chance.choice((0, 10)),
        cancel_ack_ms=chance.choice((0, 20)),
        jitter_ms=chance.choice((0, 10)),
        output_ack=chance.choice(("both", "done_only", "after_response_done")),
        stragglers=chance.choice((0, 2)),
        vad_race_ms=chance.choice((None, 5, 50)) if answers_speech else None,
        vad_race_times=1,
        whole_deltas=chance.random() < 0.8,
        omit_session_created=chance.random() < 0.1,
        strict_session_update=True,
    )
