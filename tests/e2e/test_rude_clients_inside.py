"""Rude clients of a gateway whose functions they do not know: the same promises, and nothing seen."""

from functools import partial
from random import Random

import pytest

from e2e.moments import in_no_time
from e2e.rude import Session
from e2e.test_inside import Answering
from e2e.test_rude_clients import EVENTS, check_ends, told
from turngate.emulator import Call, Reply, Script
from turngate.gateway import log
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.tooling_call import ToolingCall

SCRIPT = Script(
    replies=(
        Reply(match="both", calls=(Call("get_time"), Call("stock"))),
        Reply(match="call", calls=(Call("stock"),)),
        Reply(match="story", text="Once upon a time there was a fox who ran and ran and ran."),
        Reply(match="so on", text="Well.", calls=(Call("stock"), Call("price"))),
        Reply(text="Yes."),
    )
)
WORDS = ("response.output_text.delta", "response.output_text.done", "response.content_part.done")
"""Where the model may speak of what it knows."""


async def play(seed: int) -> None:
    ms = Random(seed).choice((0, 30, 400, 3_000))
    catalogue = Catalogue([Answering("stock", ms, 2_000), Answering("price", 20)])
    kind = partial(ToolingCall, catalogue=catalogue)
    session = Session(seed, answers_speech=seed % 2 == 0, script=SCRIPT, kind=kind)
    await session.play(EVENTS)
    check_ends(session)
    heard = told(session.client.heard)
    begun = [each["response"]["id"] for each in heard if each["type"] == "response.created"]
    ended = [each["response"]["id"] for each in heard if each["type"] == "response.done"]
    assert sorted(begun) == sorted(ended)
    named = (each for each in heard if each["type"] not in WORDS)
    for event in named:
        assert "'name': 'stock'" not in str(event)
        assert "tg_" not in str(event)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_rude_clients_see_nothing_of_the_gateways_functions(first: int) -> None:
    log.configure("error", "console")
    for seed in range(first, first + 20):
        try:
            in_no_time(play(seed))
        except AssertionError as failure:
            pytest.fail(f"seed {seed}: {failure}", pytrace=False)
