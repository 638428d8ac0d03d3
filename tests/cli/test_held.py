"""`check --watch`: what is held is shown as it happens, and what is wrong is said in a sentence."""

import asyncio
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from gateway.stand import gateway
from gateway.test_native import STRICT, called, message, text_only
from turngate.cli.held import Board, begun, line, look_on
from turngate.cli.plain import Failed
from turngate.emulator import serving
from turngate.gateway.config import Config
from turngate.wire.watch import Moment, Watching


def moment(what: str, why: str = "response", ms: int = 0, number: int = 1) -> Moment:
    return Moment(
        call="0ea814bf55",
        what=what,
        event="session.update",
        event_id="u1",
        number=number,
        why=why,
        ms=ms,
    )


def picture(board: Board, now_s: float) -> str:
    console = Console(file=StringIO(), width=120)
    console.print(board.picture(now_s, "watching ws://here/watch"))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_board_counts_the_time_of_what_waits() -> None:
    board = Board()
    assert picture(board, 0) == "watching ws://here/watch: nothing is held\n"
    board.take(moment("held"), 10.0)
    shown = picture(board, 10.4)
    assert "a response runs" in shown
    assert "400" in shown
    assert board.summary() == "held 1; waiting 1, longest 0 ms"
    board.take(moment("sent", ms=450), 10.45)
    assert "450" in picture(board, 11)
    assert board.summary() == "held 1, sent 1; waiting 0, longest 450 ms"


def test_what_goes_again_is_counted_as_a_race() -> None:
    board = Board()
    board.take(moment("held", "race"), 0)
    assert "races 1" in board.summary()


def test_a_line_says_it_without_a_terminal() -> None:
    assert begun(Watching(held=0)) == "nothing is held"
    assert begun(Watching(held=2)) == "2 held already"
    assert (
        line(moment("held", ms=7)) == "0ea814bf session.update u1: held for 7 ms, a response runs"
    )
    assert line(moment("held")) == "0ea814bf session.update u1: held, a response runs"
    assert (
        line(moment("sent", ms=9)) == "0ea814bf session.update u1: sent after 9 ms, a response runs"
    )


class Paper(StringIO):
    """Tells when it bears a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text, self.bears_it = text, asyncio.Event()

    def write(self, words: str, /) -> int:
        written = super().write(words)
        if self._text in self.getvalue():
            self.bears_it.set()
        return written


async def test_an_onlooker_sees_a_call_and_the_end_of_the_gateway() -> None:
    paper = Paper("watch: nothing is held\n")
    shown = Console(file=paper, width=120)
    slow = replace(STRICT, per_delta_ms=20)
    async with serving(knobs=slow) as emulator, gateway(emulator.url, diagnostics=True) as front:
        looking = asyncio.create_task(look_on(Config(port=front.port), shown))
        await asyncio.wait_for(paper.bears_it.wait(), 5)
        client = await called(front)
        client.say(text_only())
        client.say(message("tell a long story"))
        client.say({"type": "response.create"})
        await client.hears("response.output_text.delta")
        client.say({"type": "response.create", "event_id": "mine"})
        await client.hears("response.done")
        await client.hears("response.created")
    with pytest.raises(Failed, match="the gateway stops"):
        await looking
    assert "response.create mine: held, a response runs" in paper.getvalue()


async def test_a_gateway_that_lets_nobody_look_on_is_told_from_none() -> None:
    async with gateway("ws://127.0.0.1:1/v1/realtime") as front:
        with pytest.raises(Failed, match="--diagnostics"):
            await look_on(Config(port=front.port), Console(file=StringIO()))
    with pytest.raises(Failed, match=r"127\.0\.0\.1:1: "):
        await look_on(Config(port=1), Console(file=StringIO()))
