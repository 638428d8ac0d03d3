"""Functions of turngate's own behind the native front: the client sees one whole answer, and no call."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from e2e.moments import in_no_time, passing
from e2e.rude import LOUD, QUIET
from e2e.scene import Json, Scene
from turngate.core.manners import Manners
from turngate.core.tools import CANCELLED, NO_RESULT
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.functions.declared import Function
from turngate.gateway import log
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.tooling_call import ToolingCall
from turngate.units import Ms

SCRIPT = Script(
    replies=(
        Reply(match="chain", calls=(Call("stock"),), then=Reply(calls=(Call("price"),))),
        Reply(match="ours", calls=(Call("stock"),)),
        Reply(match="first", text="Let me see.", calls=(Call("stock"),)),
        Reply(match="buy", calls=(Call("order"),)),
        Reply(match="twice", calls=(Call("stock"), Call("price"))),
        Reply(match="mixed", calls=(Call("stock"), Call("get_time"))),
        Reply(match="theirs", calls=(Call("get_time"),)),
    )
)
PACE = Knobs(seed=6, created_ms=3, first_delta_ms=20, per_delta_ms=10, done_after_last_ms=40)
TIME: Json = {"type": "function", "name": "get_time", "parameters": {"type": "object"}}


begun: list[str] = []
"""The functions that were run in a story, in order."""


class Answering:
    """A function that takes some ms and says its name."""

    def __init__(
        self, name: str, ms: int, deadline_ms: int = 15_000, *, is_deferred: bool = False
    ) -> None:
        manners = Manners(deadline_ms=Ms(deadline_ms), defer_until_eot=is_deferred)
        self.function = Function(
            name=name, description="", parameters={"type": "object"}, manners=manners
        )
        self._ms = ms

    async def run(self, call_id: str, arguments: str) -> str:
        del call_id, arguments
        begun.append(self.function.name)
        await passing(self._ms)
        return f"{self.function.name}: seven"


@asynccontextmanager
async def scene(
    *,
    ms: int = 100,
    deadline_ms: int = 15_000,
    answers_speech: bool = False,
    leaves_unanswered: int = 0,
    asks_twice: int = 0,
    is_stopped_by_speech: bool = True,
    **knobs: Any,
) -> AsyncGenerator[Scene]:
    order = Answering("order", ms, deadline_ms, is_deferred=True)
    functions = [Answering("stock", ms, deadline_ms), Answering("price", ms), order]
    kind = partial(ToolingCall, catalogue=Catalogue(functions))
    on = Scene(
        Knobs(**{name: getattr(PACE, name) for name in PACE.__struct_fields__} | knobs),
        SCRIPT,
        kind,
    )
    turns = {
        "type": "server_vad",
        "create_response": answers_speech,
        "interrupt_response": is_stopped_by_speech,
    }
    begun.clear()
    on.update(output_modalities=["text"], tools=[TIME], audio={"input": {"turn_detection": turns}})
    updated = await on.hears("session.updated")
    assert [tool["name"] for tool in updated["session"]["tools"]] == ["get_time"]
    yield on
    await on.quiet()
    assert on.counters.get("unanswered_turns", 0) == leaves_unanswered
    assert on.counters.get("answered_twice", 0) == asks_twice
    known = ("race", "answered_twice", "unanswered_turns")
    wrong = {name for name in on.counters if name not in known}
    assert not wrong, on.counters
    unseen = ("stock", "price", "order", "turngate", "tg_")
    shown = [
        each
        for each in on.heard
        if any(f'"{name}' in str(each).replace("'", '"') for name in unseen)
    ]
    assert not shown, shown[0]


STORIES: dict[str, Any] = {}


def story(told: Any) -> Any:
    """Let a story be played by `test_story`."""
    STORIES[told.__name__] = told
    return told


@story
async def a_call_of_ours_is_one_whole_answer() -> None:
    async with scene() as on:
        on.write("ours")
        on.ask("mine", metadata={"mine": "1"})
        created = await on.hears("response.created")
        done = await on.ends()
        assert done["id"] == created["response"]["id"]
        assert (done["status"], done["metadata"]) == ("completed", {"mine": "1"})
        assert [item["type"] for item in done["output"]] == ["message"]
        assert "seven" in done["output"][0]["content"][0]["text"]
        assert on.count("response.created") == on.count("response.done") == 1
        ids = {each["response_id"] for each in on.heard if "response_id" in each}
        assert ids == {done["id"]}
        added = [each for each in on.heard if each["type"] == "conversation.item.added"]
        assert added[-1]["previous_item_id"] == added[-2]["item"]["id"]


@story
async def words_before_the_call_keep_their_place() -> None:
    async with scene() as on:
        on.write("first")
        on.ask()
        done = await on.ends()
        assert done["output"][0]["content"][0]["text"] == "Let me see."
        assert len(done["output"]) == 2
        places = [
            each["output_index"]
            for each in on.heard
            if each["type"] == "response.output_item.added"
        ]
        assert places == [0, 1]
        assert done["usage"]["output_tokens"] > 0


@story
async def two_calls_of_ours_are_answered_together() -> None:
    async with scene() as on:
        on.write("twice")
        on.ask()
        text = (await on.ends())["output"][0]["content"][0]["text"]
        assert "stock" in text
        assert "price" in text


@story
async def calls_in_a_chain_are_one_answer() -> None:
    async with scene() as on:
        on.write("chain")
        on.ask()
        assert [item["type"] for item in (await on.ends())["output"]] == ["message"]
        assert on.count("response.created") == 1


@story
async def a_mixed_round_waits_for_both() -> None:
    async with scene(ms=400) as on:
        on.write("mixed")
        on.ask()
        call = await on.hears("response.function_call_arguments.done")
        done = await on.ends()
        assert [item["name"] for item in done["output"]] == ["get_time"]
        on.answer(call["call_id"])
        on.ask()
        await passing(ms=100)
        assert on.count("response.created") == 1
        text = (await on.ends())["output"][0]["content"][0]["text"]
        assert "stock" in text
        assert "noon" in text
        assert on.count("response.function_call_arguments.done") == 1


@story
async def the_clients_own_functions_are_its_own() -> None:
    async with scene() as on:
        on.write("theirs")
        on.ask()
        call = await on.hears("response.function_call_arguments.done")
        await on.ends()
        on.answer(call["call_id"])
        on.ask()
        assert "noon" in (await on.ends())["output"][0]["content"][0]["text"]


@story
async def what_the_client_asks_meanwhile_waits_for_the_whole_answer() -> None:
    async with scene(ms=10, asks_twice=1) as on:
        on.write("ours")
        on.ask(metadata={"n": "0"})
        await on.hears("response.created")
        on.ask(metadata={"n": "1"})
        on.update(instructions="later")
        ends = [(await on.ends())["metadata"] for _ in range(2)]
        assert ends == [{"n": "0"}, {"n": "1"}]
        await on.quiet()
        kinds = [each["type"] for each in on.heard]
        assert kinds.count("session.updated") == 2
        assert kinds[-1] == "session.updated", "after the answer that it was sent behind"


@story
async def a_function_that_hangs_has_an_output_by_its_deadline() -> None:
    async with scene(ms=60_000, deadline_ms=500) as on:
        on.write("ours")
        on.ask()
        assert "no result" in (await on.ends())["output"][0]["content"][0]["text"]


@story
async def a_cancel_while_our_function_runs_ends_the_answer() -> None:
    async with scene(ms=2_000, leaves_unanswered=1) as on:
        on.write("ours")
        on.ask()
        created = await on.hears("response.created")
        await passing(ms=500)
        on.say("response.cancel", response_id=created["response"]["id"])
        done = await on.ends()
        assert (done["id"], done["status"]) == (created["response"]["id"], "cancelled")
        await passing(ms=3_000)
        assert on.count("response.created") == 1
        assert on.codes == []


@story
async def a_cancel_of_the_second_round_reaches_it() -> None:
    async with scene(ms=10, created_ms=3) as on:
        on.write("ours")
        on.ask()
        created = await on.hears("response.created")
        await on.hears("response.output_text.delta")
        on.say("response.cancel", response_id=created["response"]["id"])
        assert (await on.ends())["status"] == "cancelled"
        assert on.codes == []


@story
async def speech_while_our_function_runs_ends_the_answer_for_the_client() -> None:
    async with scene(ms=1_000, answers_speech=True) as on:
        on.write("ours")
        on.ask()
        await on.hears("response.created")
        await passing(ms=300)
        on.say("input_audio_buffer.append", audio=LOUD)
        assert (await on.ends())["status_details"]["reason"] == "turn_detected"
        on.say("input_audio_buffer.append", audio=QUIET)
        await on.ends()


@story
async def a_cancelled_calling_response_leaves_no_call_open() -> None:
    async with scene(ms=2_000, done_after_last_ms=400) as on:
        on.write("ours")
        on.ask()
        await on.hears("response.created")
        await passing(ms=200)
        on.say("response.cancel")
        assert (await on.ends())["status"] == "cancelled"
        on.write("and now?")
        on.ask()
        await on.ends()


@story
async def what_cannot_be_undone_is_done_after_the_response_that_asks() -> None:
    async with scene(ms=10, done_after_last_ms=400) as on:
        on.write("buy")
        on.ask()
        await on.hears("response.created")
        await passing(ms=300)
        assert begun == []
        done = await on.ends()
        assert "seven" in done["output"][0]["content"][0]["text"]
        assert begun == ["order"]


@story
async def a_cancel_prevents_what_cannot_be_undone() -> None:
    async with scene(ms=10, done_after_last_ms=400) as on:
        on.write("buy")
        on.ask()
        await on.hears("response.created")
        await passing(ms=200)
        on.say("response.cancel")
        assert (await on.ends())["status"] == "cancelled"
        await on.quiet()
        assert (begun, on.outputs()) == ([], [CANCELLED])


@story
async def who_goes_on_speaking_prevents_what_cannot_be_undone() -> None:
    """Also where the client has the server end what it says all the same."""
    async with scene(ms=10, is_stopped_by_speech=False, done_after_last_ms=400) as on:
        on.write("buy")
        on.ask()
        await on.hears("response.created")
        await passing(ms=200)
        on.say("input_audio_buffer.append", audio=LOUD)
        await passing(ms=600)
        on.say("input_audio_buffer.append", audio=QUIET)
        assert (await on.ends())["status"] == "completed"
        assert (begun, on.outputs()) == ([], [CANCELLED])


@story
async def what_cannot_be_undone_has_a_deadline_too() -> None:
    async with scene(ms=10, deadline_ms=200, done_after_last_ms=400) as on:
        on.write("buy")
        on.ask()
        await on.ends()
        await on.quiet()
        assert (begun, on.outputs()) == ([], [NO_RESULT])


@story
async def audio_of_a_later_round_bears_the_first_ones_name() -> None:
    async with scene() as on:
        on.write("ours")
        on.ask(output_modalities=["audio"])
        created = await on.hears("response.created")
        delta = await on.hears("response.output_audio.delta")
        assert delta["response_id"] == created["response"]["id"]
        await on.ends()


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    log.configure("error", "console")
    in_no_time(STORIES[name]())
