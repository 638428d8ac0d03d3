"""A rude client of the native front: it says whatever comes to its mind whenever it likes."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pybase64

from e2e.moments import passing
from e2e.road import Road, Service, Wire
from turngate.audio.tone import silence, tone
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.gateway.native_call import NativeCall

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
        self,
        seed: int,
        *,
        answers_speech: bool,
        is_direct: bool = False,
        script: Script = SCRIPT,
        kind: Callable[..., NativeCall] = NativeCall,
        **knobs: Any,
    ) -> None:
        chance = Random(seed)
        usual = _knobs(chance, seed, answers_speech=answers_speech)
        self.knobs = msgspec.structs.replace(usual, **knobs)
        self.answers_speech = answers_speech
        client_ms = chance.choice((0, 5, 40))
        self._road: Road | None = None
        if is_direct:
            down = Wire(chance, client_ms, self._hear)
            self._direct = Service(self.knobs, script, down.put)
            up = Wire(chance, client_ms, self._direct.take)
            asyncio.get_running_loop().call_soon(self._direct.open)
        else:
            server_ms = chance.choice((0, 5, 40))
            self._road = Road(
                chance,
                self.knobs,
                self._hear,
                script=script,
                kind=kind,
                client_ms=client_ms,
                server_ms=server_ms,
            )
            up = self._road.up
        self.client = RudeClient(chance, up.put, answers_speech=answers_speech)
        self._chance = chance

    @property
    def call(self) -> NativeCall | None:
        """The gateway's call, if there is a gateway."""
        return None if self._road is None else self._road.call

    @property
    def service(self) -> Service:
        """The emulator."""
        return self._direct if self._road is None else self._road.service

    def _hear(self, message: bytes) -> None:
        self.client.hear(message)

    async def play(self, events: int) -> None:
        """Let the client say so many things, and wait until everything has come to its end."""
        for _ in range(events):
            self.client.speak_out()
            await passing(self._chance.choice((0, 0, 0, 10, 50, 300)))
        self.client.calm_down()
        await passing(ms=60_000)


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
