"""Function calls: early and late results, several, chained, with late or no acknowledgements."""

import msgspec
import pytest

from e2e.script import Step, client, never, openai
from e2e.stage import calling, result
from turngate.emulator import Call as Asks
from turngate.emulator import Knobs, Reply, Script
from turngate.wire.agent import InjectUserMessage

ONE = Script(replies=(Reply(calls=(Asks("get_time"),), then=Reply(text="It is noon.")),))
TWO = Script(
    replies=(
        Reply(calls=(Asks("get_time"), Asks("get_weather")), then=Reply(text="Noon and rain.")),
    )
)
CHAIN = Script(
    replies=(
        Reply(
            calls=(Asks("get_time"),),
            then=Reply(calls=(Asks("get_weather"),), then=Reply(text="Noon and rain.")),
        ),
    )
)
SLOW_END = Knobs(created_ms=5, first_delta_ms=20, done_after_last_ms=60)

ASKED: tuple[Step, ...] = (
    client >> InjectUserMessage("well?"),
    client << "ConversationText user",
    openai << "conversation.item.create user",
    openai << "response.create",
    openai >> "response.created r1",
)
SAID: tuple[Step, ...] = (
    client << 'ConversationText assistant "It is noon."',
    openai >> "response.done r2 completed",
    client << "AgentAudioDone",
)


async def test_s6_result_before_the_calling_response_is_done() -> None:
    async with calling(SLOW_END, ONE) as call:
        await call.play(
            *ASKED,
            openai >> "response.function_call_arguments.done r1 A",
            client << "FunctionCallRequest A",
            client >> result("A"),
            openai << "conversation.item.create output A",
            openai >> "conversation.item.done output A",
            never(openai << "response.create"),
            openai >> "response.done r1 completed",
            openai << "response.create",
            openai >> "response.created r2",
            *SAID,
        )


async def test_s6_acknowledged_after_the_response_as_the_service_does() -> None:
    knobs = Knobs(done_after_last_ms=60, output_ack="after_response_done")
    async with calling(knobs, ONE) as call:
        await call.play(
            *ASKED,
            client << "FunctionCallRequest A",
            client >> result("A"),
            openai << "conversation.item.create output A",
            never(openai << "response.create"),
            openai >> "response.done r1 completed",
            openai >> "conversation.item.added output A",
            openai << "response.create",
            *SAID,
        )


@pytest.mark.parametrize("ack", ["both", "done_only", "none"])
async def test_s7_s8_result_after_the_calling_response_is_done(ack: str) -> None:
    # With none, the gateway waits for the acknowledgement in vain before it asks.
    knobs = Knobs(output_ack=ack)  # pyright: ignore[reportArgumentType] - one of the knob's words
    async with calling(knobs, ONE) as call:
        await call.play(
            *ASKED,
            client << "FunctionCallRequest A",
            openai >> "response.done r1 completed",
            client >> result("A"),
            openai << "conversation.item.create output A",
            openai << "response.create",
            *SAID,
        )


RESULTS_AND_END: dict[str, tuple[Step, ...]] = {
    "done first": (
        openai >> "response.done r1 completed",
        client >> result("A"),
        openai << "conversation.item.create output A",
        never(openai << "response.create"),
        openai >> "conversation.item.done output A",
        client >> result("B"),
        openai << "conversation.item.create output B",
        openai >> "conversation.item.done output B",
    ),
    "done between": (
        client >> result("A"),
        openai << "conversation.item.create output A",
        never(openai << "response.create"),
        openai >> "response.done r1 completed",
        client >> result("B"),
        openai << "conversation.item.create output B",
        openai >> "conversation.item.done output B",
    ),
    "done last": (
        client >> result("A"),
        client >> result("B"),
        openai << "conversation.item.create output A",
        openai << "conversation.item.create output B",
        never(openai << "response.create"),
        openai >> "conversation.item.done output B",
        openai >> "response.done r1 completed",
    ),
}


@pytest.mark.parametrize("order", RESULTS_AND_END)
async def test_s9_two_parallel_calls(order: str) -> None:
    async with calling(SLOW_END, TWO) as call:
        await call.play(
            *ASKED,
            client << "FunctionCallRequest A",
            client << "FunctionCallRequest B",
            *RESULTS_AND_END[order],
            openai << "response.create",
            client << 'ConversationText assistant "Noon and rain."',
            openai >> "response.done r2 completed",
            client << "AgentAudioDone",
        )


async def test_s10_chained_calls() -> None:
    async with calling(SLOW_END, CHAIN) as call:
        await call.play(
            *ASKED,
            client << "FunctionCallRequest A",
            never(client << "AgentAudioDone"),
            openai >> "response.done r1 completed",
            client >> result("A"),
            openai << "conversation.item.create output A",
            openai >> "conversation.item.done output A",
            openai << "response.create",
            client << "FunctionCallRequest B",
            openai >> "response.done r2 completed",
            client >> result("B", "rain"),
            openai << "conversation.item.create output B",
            openai >> "conversation.item.done output B",
            openai << "response.create",
            client << 'ConversationText assistant "Noon and rain."',
            openai >> "response.done r3 completed",
            client << "AgentAudioDone",
        )


async def test_s11_users_message_is_announced_late() -> None:
    # The emulator has no such order; the tap keeps back one event until the arguments are there.
    async with calling(SLOW_END, ONE) as call:
        start = len(call.record.lines)
        call.tap.withhold("conversation.item.added", "well?")
        await call.follow(
            *ASKED,
            openai >> "response.function_call_arguments.done r1 A",
            client << "FunctionCallRequest A",
        )
        call.tap.release()
        await call.follow(
            client >> result("A"),
            openai >> "response.done r1 completed",
        )
        await call.kept()
        added = call.record.find("U>", "conversation.item.added user", start)
        asked = call.record.find("U>", "response.function_call_arguments.done r1 A", start)
        assert added is not None
        assert asked is not None
        assert added > asked
        assert len(call.record.all(">U", "response.create")) == 2


async def test_result_by_itself_causes_no_update() -> None:
    async with calling(SLOW_END, CHAIN) as call:
        await call.follow(
            *ASKED,
            client << "FunctionCallRequest A",
            client >> result("A"),
            client << "FunctionCallRequest B",
            client >> result("B"),
            client << "AgentAudioDone",
        )
        await call.kept()
        assert len(call.record.all(">U", "session.update")) == 1  # the one that configured it


@pytest.mark.parametrize("acknowledgement", ["done_only", "none"])
async def test_s8_output_is_followed_whatever_acknowledges_it(acknowledgement: str) -> None:
    knobs = msgspec.convert({"output_ack": acknowledgement}, Knobs)
    async with calling(knobs, ONE) as call:
        await call.play(
            *ASKED,
            client << "FunctionCallRequest A",
            openai >> "response.done r1 completed",
            client >> result("A"),
            openai << "conversation.item.create output A",
            openai << "response.create",
            *SAID,
        )
