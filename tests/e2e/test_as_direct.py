"""A client that waits its turn hears, through turngate, byte for byte what it would hear directly."""

from random import Random
from typing import Any

import msgspec

from e2e.moments import in_no_time, passing
from e2e.road import Road, Service
from e2e.rude import SCRIPT
from turngate.emulator import Knobs
from turngate.gateway import log

ANSWERED_MS = 3_000
"""Long enough, in made-up time, for whatever the server says to one event."""


def create(**fields: Any) -> bytes:
    return msgspec.json.encode({"type": "response.create", **fields})


LIKE_OURS = (b"tg_word_1", b"tg_request_1", b"tg_cancel_1", b"tg__word_1", b"tg___request_2")
"""Names that a client may give, such as turngate gives; and what these become on their way."""

SAID = (
    b'{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}',
    create(),
    create(event_id="mine", response={}),
    create(response=None),
    create(response={"metadata": None}),
    create(response={"metadata": {}}),
    create(response={"metadata": {"a": "b"}}),
    create(response={"metadata": {"turngate": "mine"}}),
    create(response={"metadata": {"turngate": "tg_request_1", "a": "b"}}),
    create(response={"metadata": {f"key_{n}": "full" for n in range(16)}}),
    create(response={"metadata": {"turngate": "mine"} | {f"key_{n}": "full" for n in range(15)}}),
    create(event_id="one too many", response={"metadata": {f"key_{n}": "" for n in range(17)}}),
    create(response={"metadata": 5}),
    create(response=[]),
    create(event_id=5),
    create(event_id="", response={"brand_new": 1}),
    create(response={"conversation": "none", "metadata": {"beside": "it"}}),
    b'{"type":"session.update","event_id":5,"session":{"type":"realtime"}}',
    b'{"type":"session.update","session":5}',
    b'{"type":"session.update"}',
    b'{"type":"brand.new","event_id":"tg_1"}',
    *(b'{"type":"brand.new","event_id":"%b"}' % name for name in LIKE_OURS),
    *(
        b'{"type":"conversation.item.retrieve","item_id":"x","event_id":"%b"}' % name
        for name in LIKE_OURS
    ),
    b'{"type":"response.cancel","event_id":"nothing runs"}',
    b'{"type":"response.cancel","event_id":"tg_cancel_1"}',
    b"no json",
)


def heard(*, is_direct: bool) -> list[bytes]:
    frames: list[bytes] = []

    async def story() -> None:
        knobs = Knobs(seed=3)
        if is_direct:
            service = Service(knobs, SCRIPT, frames.append)
            service.open()
            say = service.take
        else:
            hear = frames.append
            road = Road(Random(3), knobs, hear, script=SCRIPT, client_ms=0, server_ms=0)
            say = road.up.put
        for said in SAID:
            await passing(ANSWERED_MS)
            say(said)
        await passing(ANSWERED_MS)

    in_no_time(story())
    return frames


def test_a_client_that_waits_its_turn_hears_what_it_would_hear_directly() -> None:
    log.configure("error", "console")
    direct = heard(is_direct=True)
    assert heard(is_direct=False) == direct
    assert sum(b'"response.done"' in frame for frame in direct) >= 10
