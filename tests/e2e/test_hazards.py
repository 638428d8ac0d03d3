"""The timing hazards that users of the Realtime protocol report, one by one, on the native front.

Each is what a client does or meets; turngate stands in between, and a strict server behind it. The
numbers and names are those of docs/explanation/hazards.md.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from e2e.moments import in_no_time, passing
from e2e.rude import LOUD, QUIET, SCRIPT
from e2e.scene import Scene, written
from gateway.far import dial
from gateway.stand import gateway
from turngate.emulator import ErrorAt, Knobs, serving
from turngate.gateway import log

Json = dict[str, Any]

PACE = Knobs(
    seed=28,
    created_ms=3,
    first_delta_ms=20,
    per_delta_ms=10,
    done_after_last_ms=40,
    cancel_ack_ms=5,
)
TAKEN = "conversation_already_has_active_response"


@asynccontextmanager
async def scene(*, answers_speech: bool = False, **knobs: Any) -> AsyncGenerator[Scene]:
    """Open a session of text; whatever happens in it, the server refuses nothing of turngate's."""
    on = Scene(msgspec.structs.replace(PACE, **knobs), SCRIPT)
    turns = {"type": "server_vad", "create_response": answers_speech, "interrupt_response": True}
    on.update(output_modalities=["text"], audio={"input": {"turn_detection": turns}})
    await on.hears("session.updated")
    yield on
    await on.quiet()
    wrong = {name for name in on.counters if name.endswith(("_active", "_calls", "_ready"))}
    assert not wrong, on.counters
    assert TAKEN not in on.codes


HAZARDS: dict[str, Any] = {}


def hazard(story: Any) -> Any:
    """Let a story be played by `test_hazard`."""
    HAZARDS[story.__name__] = story
    return story


@hazard
async def h01_speech_ends_as_the_client_asks() -> None:
    async with scene(answers_speech=True, vad_race_ms=30) as on:
        on.write("hi")
        on.ask(metadata={"mine": "1"})
        ends = [await on.ends(), await on.ends()]
        assert [each["metadata"] for each in ends] == [None, {"mine": "1"}]
        assert on.counters["race"] == 1


@hazard
async def h02_a_manual_commit_where_the_server_commits_too() -> None:
    async with scene(answers_speech=True) as on:
        on.say("input_audio_buffer.append", audio=LOUD)
        on.say("input_audio_buffer.append", audio=QUIET)
        on.say("input_audio_buffer.commit", event_id="mine")
        on.ask(metadata={"mine": "1"})
        assert (await on.hears("error"))["error"]["code"] == "input_audio_buffer_commit_empty"
        ends = [await on.ends(), await on.ends()]
        assert [each["metadata"] for each in ends] == [None, {"mine": "1"}]


@hazard
async def h03_a_request_right_behind_a_functions_output() -> None:
    async with scene() as on:
        on.write("call it")
        on.ask()
        on.answer((await on.hears("response.function_call_arguments.done"))["call_id"])
        on.ask(metadata={"mine": "1"})
        await on.ends()
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h04_two_calls_and_a_request_for_each() -> None:
    async with scene() as on:
        on.write("call both")
        on.ask()
        first = (await on.hears("response.function_call_arguments.done"))["call_id"]
        second = (await on.hears("response.function_call_arguments.done"))["call_id"]
        await on.ends()
        on.answer(first)
        on.ask()
        await passing(ms=200)
        on.answer(second)
        on.ask()
        await on.ends()
        await on.ends()


@hazard
async def h05_a_request_right_behind_a_cancel() -> None:
    async with scene(cancel_ack_ms=80) as on:
        on.write("a story")
        on.ask()
        created = await on.hears("response.created")
        on.say("response.cancel", response_id=created["response"]["id"])
        on.ask(metadata={"mine": "1"})
        assert (await on.ends())["status"] == "cancelled"
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h06_an_interruption_that_is_left_to_the_server() -> None:
    async with scene() as on:
        on.write("a story")
        on.ask()
        await on.hears("response.output_text.delta")
        on.ask(metadata={"mine": "1"})
        assert (await on.ends())["status"] == "completed"
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h07_a_cancel_that_crosses_the_end() -> None:
    async with scene() as on:
        on.write("hi")
        on.ask()
        response = await on.ends()
        on.say("response.cancel", event_id="late", response_id=response["id"])
        error = (await on.hears("error"))["error"]
        assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "late")
        on.ask()
        assert (await on.ends())["status"] == "completed"


@hazard
async def h08_a_cancel_before_the_response_is_announced() -> None:
    async with scene(created_ms=50) as on:
        on.write("a story")
        on.ask()
        on.say("response.cancel")
        on.ask(metadata={"mine": "1"})
        assert (await on.ends())["status"] == "cancelled"
        assert (await on.ends())["metadata"] == {"mine": "1"}
        assert on.codes == []


@hazard
async def h09_the_end_of_a_response_told_again_in_the_next_one() -> None:
    async with scene(stale_done=True, duplicate_done=True) as on:
        for number in range(3):
            on.write(f"hi {number}")
            on.ask()
        while on.count("response.created") < 3:
            await on.hears("response.created")


@hazard
async def h10_an_error_in_the_middle_of_a_response_ends_nothing() -> None:
    amid = ErrorAt(event="response.output_text.delta", nth=1)
    async with scene(errors=(amid,)) as on:
        on.write("a story")
        on.ask()
        assert (await on.hears("error"))["error"]["type"] == "server_error"
        on.ask()
        assert [(await on.ends())["status"] for _ in range(2)] == ["completed"] * 2


@hazard
async def h10_a_refused_request_is_followed_by_no_end_and_holds_nothing() -> None:
    async with scene() as on:
        on.ask("wrong", output_modalities=["smell"])
        assert (await on.hears("error"))["error"]["event_id"] == "wrong"
        on.ask()
        assert (await on.ends())["status"] == "completed"


@hazard
async def h11_the_end_of_the_text_is_not_the_end_of_the_response() -> None:
    async with scene(done_after_last_ms=300) as on:
        on.write("hi")
        on.ask()
        await on.hears("response.output_text.done")
        on.update(instructions="v1")
        on.ask()
        await on.ends()
        assert on.count("session.updated") == 1
        await on.hears("session.updated")
        await on.ends()


@hazard
async def h12_an_output_after_the_end_waits_for_no_other_end() -> None:
    async with scene(output_ack="none") as on:
        on.write("call it")
        on.ask()
        call = await on.hears("response.function_call_arguments.done")
        await on.ends()
        on.answer(call["call_id"])
        on.ask()
        await passing(ms=100)
        assert on.count("response.created") == 2
        await on.ends()


@hazard
async def h13_a_late_acknowledgement_releases_nothing() -> None:
    async with scene(user_item_added_after_args_done=True, done_after_last_ms=200) as on:
        on.write("call it", id="item_late")
        on.ask()
        on.answer((await on.hears("response.function_call_arguments.done"))["call_id"])
        on.ask()
        await on.hears("conversation.item.added")
        assert on.count("response.created") == 1
        await on.ends()
        await on.ends()


@hazard
async def h14_an_item_and_a_request_back_to_back() -> None:
    async with scene(item_ack_ms=50) as on:
        on.write("hi")
        on.ask()
        assert (await on.ends())["status"] == "completed"


@hazard
async def h15_the_configuration_again_in_the_middle_of_a_response() -> None:
    async with scene() as on:
        on.write("a story")
        on.ask()
        await on.hears("response.output_text.delta")
        on.update(instructions="the same")
        on.update(instructions="the same")
        await on.ends()
        for _ in range(2):
            assert (await on.hears("session.updated"))["session"]["instructions"] == "the same"


@hazard
async def h16_another_voice_after_the_agent_has_spoken() -> None:
    async with scene() as on:
        on.write("hi")
        on.ask(output_modalities=["audio"])
        await on.ends()
        on.update("mine", audio={"output": {"voice": "cedar"}})
        error = (await on.hears("error"))["error"]
        assert (error["code"], error["event_id"]) == ("cannot_update_voice", "mine")
        on.ask()
        await on.ends()


@hazard
async def h17_an_update_that_is_refused_whole() -> None:
    async with scene() as on:
        on.say("session.update", event_id="mine", session={"instructions": "no type"})
        on.ask()
        error = (await on.hears("error"))["error"]
        assert (error["code"], error["event_id"]) == ("missing_required_parameter", "mine")
        await on.ends()


@hazard
async def h18_a_truncation_of_more_than_there_is() -> None:
    async with scene() as on:
        on.write("hi")
        on.ask(output_modalities=["audio"])
        item = (await on.ends())["output"][0]["id"]
        for end_ms, name in ((999_999, "beyond"), (100, "right")):
            on.say(
                "conversation.item.truncate",
                event_id=name,
                item_id=item,
                content_index=0,
                audio_end_ms=end_ms,
            )
        assert (await on.hears("error"))["error"]["event_id"] == "beyond"
        assert (await on.hears("conversation.item.truncated"))["audio_end_ms"] == 100


@hazard
async def h19_deltas_that_straggle_in_after_a_cancel() -> None:
    async with scene(stragglers=3) as on:
        on.write("a story")
        on.ask()
        await on.hears("response.output_text.delta")
        on.say("response.cancel")
        on.ask(metadata={"mine": "1"})
        assert (await on.ends())["status"] == "cancelled"
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h20_an_end_without_a_beginning() -> None:
    async with scene(fail_response=1, fail_before_created=True) as on:
        on.write("hi")
        on.ask()
        on.ask(metadata={"mine": "1"})
        assert (await on.ends())["status"] == "failed"
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h21_a_response_beside_the_conversation() -> None:
    async with scene() as on:
        on.write("a story")
        on.ask()
        await on.hears("response.created")
        on.ask(conversation="none", metadata={"beside": "1"})
        created = await on.hears("response.created")
        assert created["response"]["metadata"] == {"beside": "1"}
        on.ask(metadata={"mine": "1"})
        ends = [await on.ends() for _ in range(3)]
        assert ends[-1]["metadata"] == {"mine": "1"}


@hazard
async def h22_the_output_of_a_call_beside_the_conversation() -> None:
    async with scene() as on:
        on.write("call it")
        on.ask(conversation="none")
        on.answer((await on.hears("response.function_call_arguments.done"))["call_id"])
        assert "not found" in (await on.hears("error"))["error"]["message"]
        on.ask(tool_choice="none")
        await on.ends()
        await on.ends()


@hazard
async def h23_a_transcript_that_comes_before_its_item() -> None:
    async with scene(answers_speech=True, transcript_before_commit=True) as on:
        on.update(audio={"input": {"transcription": {"model": "whisper-1"}}})
        for _ in range(2):
            on.say("input_audio_buffer.append", audio=LOUD)
            on.say("input_audio_buffer.append", audio=QUIET)
            await on.ends()
        on.ask()
        await on.ends()


@hazard
async def h24_an_item_behind_one_that_is_deleted() -> None:
    async with scene() as on:
        on.write("a story")
        on.ask()
        await on.hears("response.created")
        on.ask()
        on.write("one", id="item_one")
        on.say("conversation.item.delete", item_id="item_one")
        on.write("two", id="item_two")
        await on.hears("conversation.item.deleted")
        added = await on.hears("conversation.item.added")
        assert added["item"]["id"] == "item_two"
        assert added["previous_item_id"] != "item_one"


async def test_h25_a_session_that_expires_ends_each_request_visibly() -> None:
    knobs = msgspec.structs.replace(PACE, expire_after_ms=400, per_delta_ms=100)
    async with serving(knobs=knobs, script=SCRIPT) as emulator, gateway(emulator.url) as front:
        client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=gpt-realtime")
        client.say(written("a story"))
        client.say({"type": "response.create", "event_id": "first"})
        await client.hears("response.created")
        client.say({"type": "response.create", "event_id": "second"})
        assert (await client.hears("error"))["error"]["code"] == "session_expired"
        lost = (await client.hears("error"))["error"]
        assert (lost["code"], lost["event_id"]) == ("call_ended", "second")
        assert (await client.hears("error"))["error"]["type"] == "server_error"
        assert (await client.is_closed())[0] == 1011
        assert emulator.audit.violations == 0


@hazard
async def h26_a_response_that_a_rate_limit_ends() -> None:
    async with scene(fail_response=1, fail_code="rate_limit_exceeded") as on:
        on.write("hi")
        on.ask()
        on.ask(metadata={"mine": "1"})
        failed = await on.ends()
        assert failed["status_details"]["error"]["code"] == "rate_limit_exceeded"
        assert (await on.ends())["metadata"] == {"mine": "1"}


@hazard
async def h27_typed_while_a_response_runs() -> None:
    async with scene() as on:
        on.write("a story")
        on.ask()
        await on.hears("response.created")
        for number in range(3):
            on.write(f"hi {number}")
            on.ask(metadata={"n": str(number)})
        ends = [await on.ends() for _ in range(4)]
        assert [each["metadata"] for each in ends[1:]] == [{"n": str(n)} for n in range(3)]


@hazard
async def h28_a_request_that_waits_while_the_user_cuts_in() -> None:
    async with scene(answers_speech=True) as on:
        on.write("a story")
        on.ask()
        await on.hears("response.output_text.delta")
        on.ask(metadata={"mine": "1"})
        on.say("input_audio_buffer.append", audio=LOUD)
        await on.hears("input_audio_buffer.speech_started")
        assert (await on.ends())["status"] == "cancelled"
        await passing(ms=500)
        assert on.count("response.created") == 1
        on.say("input_audio_buffer.append", audio=QUIET)
        ends = [await on.ends(), await on.ends()]
        assert [each["metadata"] for each in ends] == [None, {"mine": "1"}]


@pytest.mark.parametrize("name", HAZARDS)
def test_hazard(name: str) -> None:
    log.configure("error", "console")
    in_no_time(HAZARDS[name]())
