"""Refusals, failures, broken frames, and ends: what must not cost anybody a turn."""

import pytest

from e2e.record import Line
from e2e.script import client, inserted, never, openai
from e2e.stage import Caller, calling, configured, through_turngate
from turngate.emulator import Call as Asks
from turngate.emulator import ErrorAt, FrameAt, Knobs, Reply, Script
from turngate.emulator import Message as Said
from turngate.wire.agent import InjectUserMessage

SLOW_END = Knobs(created_ms=5, first_delta_ms=20, done_after_last_ms=60)
TYPED = (
    client >> InjectUserMessage("hi"),
    client << 'ConversationText user "hi"',
    openai << "conversation.item.create user",
    openai << "response.create",
)
ANSWERED = 'ConversationText assistant "You said: hi"'


async def test_s13_audio_ends_before_text() -> None:
    async with calling(SLOW_END) as call:
        await call.play(
            *TYPED,
            openai >> "response.output_audio.done r1",
            never(client << "AgentAudioDone"),
            openai >> "response.output_audio_transcript.done r1",
            client << ANSWERED,
            openai >> "response.done r1",
            client << "AgentAudioDone",
        )


async def test_s13_text_ends_before_audio() -> None:
    async with calling(Knobs(text_done_before_audio_done=True)) as call:
        await call.play(
            *TYPED,
            openai >> "response.output_audio_transcript.done r1",
            client << ANSWERED,
            openai >> "response.output_audio.done r1",
            openai >> "response.done r1",
            client << "AgentAudioDone",
        )


async def test_s14_error_during_a_response_comes_after_its_text() -> None:
    trouble = ErrorAt(event="response.output_audio.delta", code="idle_timeout")
    async with calling(Knobs(errors=(trouble,))) as call:
        await call.play(
            *TYPED,
            openai >> "error idle_timeout",
            never(client << "Error"),
            client << ANSWERED,
            openai >> "response.done r1",
            client << "AgentAudioDone",
            client << "Error FAILED_TO_THINK",
        )


async def test_s14_error_in_a_response_that_never_ends_comes_after_a_grace() -> None:
    trouble = ErrorAt(event="response.output_audio.delta", code="idle_timeout")
    async with calling(Knobs(errors=(trouble,), never_done_response=1)) as call:
        await call.play(
            *TYPED,
            openai >> "error idle_timeout",
            never(client << "Error"),
            client << ANSWERED,
            client << "Error FAILED_TO_THINK",
        )


async def test_s14_error_when_idle_comes_at_once() -> None:
    async with calling() as call:
        await call.play(
            inserted(
                '{"type": "error", "event_id": "e", "error":'
                ' {"type": "server_error", "code": "idle_timeout", "message": "idle"}}'
            ),
            client << "Error FAILED_TO_THINK",
        )


RACES = {
    "announced": Knobs(vad_race_ms=0),
    "error without an id": Knobs(vad_race_ms=0, event_id_null_in_errors=True),
    "error before the announcement": Knobs(vad_race_ms=20),
}


@pytest.mark.parametrize("turns", ["gateway", "server"])
@pytest.mark.parametrize("race", RACES)
async def test_s15_refused_although_guarded(race: str, turns: str) -> None:
    async with calling(RACES[race], through=through_turngate(turns=turns)) as call:
        await call.follow(
            *TYPED,
            openai >> "error conversation_already_has_active_response",
            openai >> "response.done r1",
            openai << "response.create",
            client << ANSWERED,
        )
        await call.kept()
        assert call.record.all(">C", "Error") == []
        assert call.emulator.audit.counters["race"] == 1
        assert len(call.record.all(">U", "response.create")) == 2


async def test_s15_three_refusals_are_told() -> None:
    # The second line is answered with the first one, whose own tries were used up.
    async with calling(Knobs(vad_race_ms=0, vad_race_times=3)) as call:
        await call.follow(
            *TYPED,
            client << "Error FAILED_TO_THINK",
            openai >> "response.done r3",
            client >> InjectUserMessage("still there?"),
            client << 'ConversationText assistant "You said: still there?"',
        )
        await call.kept()
        assert len(call.record.all(">C", "Error")) == 1
        assert call.emulator.audit.counters["race"] == 3


async def test_s17_failed_response() -> None:
    async with calling(Knobs(fail_response=1, fail_code="insufficient_quota")) as call:
        await call.follow(
            *TYPED,
            openai >> "response.done r1 failed insufficient_quota",
            client << "Error FAILED_TO_THINK",
            client >> InjectUserMessage("again"),
            client << 'ConversationText assistant "You said: again"',
        )
        await call.kept()


async def test_s17_incomplete_response() -> None:
    async with calling(Knobs(incomplete_response=1)) as call:
        await call.play(
            *TYPED,
            openai >> "response.done r1 incomplete max_output_tokens",
            client << 'ConversationText assistant "You"',
            client << "AgentAudioDone",
            client << "Warning THINK_REQUEST_FAILED",
        )


async def test_s17_response_that_somebody_cancelled() -> None:
    # The emulator cancels for a cancel or for speech only, so this end is put into its stream.
    cancelled = (
        '{"type": "response.done", "event_id": "e", "response": {"id": "{r1}", "object":'
        ' "realtime.response", "conversation_id": "conv", "status": "cancelled", "output": [],'
        ' "status_details": {"type": "cancelled", "reason": "client_cancelled"}}}'
    )
    async with calling(Knobs(never_done_response=1)) as call:
        await call.play(
            *TYPED,
            client << ANSWERED,
            openai >> "response.output_item.done",
            inserted(cancelled),
            openai >> "response.done r1 cancelled",
            client << "AgentAudioDone",
        )


async def test_s17_failed_before_it_was_announced() -> None:
    knobs = Knobs(fail_response=1, fail_before_created=True)
    async with calling(knobs) as call:
        await call.follow(
            *TYPED,
            openai >> "response.done r1 failed",
            client << "Warning THINK_REQUEST_FAILED",
            client >> InjectUserMessage("again"),
            client << 'ConversationText assistant "You said: again"',
        )
        await call.kept()
        assert call.record.all("U>", "response.created r1") == []


async def test_s18_unknown_and_broken_frames_of_the_upstream() -> None:
    frames = tuple(
        FrameAt(event="response.created", frame=frame, binary=is_binary)
        for frame, is_binary in (
            ('{"type": "brand.new"}', False),
            ("no JSON", False),
            ("null", False),
            ("binary", True),
        )
    )
    async with calling(Knobs(frames=frames)) as call:
        await call.play(
            *TYPED,
            openai >> "brand.new",
            openai >> "(unreadable)",
            openai >> "(no object)",
            never(client << "Error"),
            client << ANSWERED,
            openai >> "response.done r1",
            client << "AgentAudioDone",
        )


BROKEN: dict[str, str | bytes] = {
    "malformed JSON": '{"type": "S',
    "null": "null",
    "an array": "[]",
    "a number": "7",
    "functions that are no list": '{"type": "Settings", "audio": {}, "agent": {"think":'
    ' {"provider": {"type": "open_ai"}, "functions": "x"}}}',
}


async def test_s19_broken_client_frames_stay_with_their_client() -> None:
    async with calling(SLOW_END) as call:
        rude = await Caller.connected(call.front.url, type(call.record)())
        await call.follow(*TYPED)
        for frame in BROKEN.values():
            rude.say(frame)
        rude.say(bytes(3))
        await rude.record.until(
            lambda: rude.record.all(">C", "Error")[len(BROKEN) - 1 :] or None, "an error each"
        )
        assert len(rude.record.all(">C", "Error UNPARSABLE_CLIENT_MESSAGE")) == len(BROKEN)
        rude.say(" " * 2_000_000)
        await rude.record.until(lambda: rude.close_code, "the close")
        assert rude.close_code == 1009
        await call.follow(client << ANSWERED, client << "AgentAudioDone")
        await call.kept()
        assert call.record.all(">C", "Error") == []


async def test_s20_opcode_decides_between_text_and_audio() -> None:
    async with calling() as call:
        await call.play(
            client >> b"12",
            openai << "input_audio_buffer.append",
            client >> "not json",
            client << "Error UNPARSABLE_CLIENT_MESSAGE",
        )
        assert len(call.record.all(">U", "input_audio_buffer.append")) == 1


async def test_s27_client_leaves_while_busy() -> None:
    async with calling(SLOW_END, Script(responses=((Said(text="A long answer."),),))) as call:
        await call.follow(*TYPED, openai >> "response.output_audio.delta r1")
        start = len(call.record.lines)
        call.caller.leave()
        await call.record.until(
            lambda: True if call.tap.connections == 0 else None, "the upstream's end"
        )
        said: list[Line] = [line for line in call.record.lines[start:] if line.side == ">U"]
        assert said == []


async def test_s27_client_leaves_with_a_result_outstanding() -> None:
    script = Script(replies=(Reply(calls=(Asks("get_time"),)),))
    async with calling(script=script) as call:
        await call.follow(*TYPED, client << "FunctionCallRequest A")
        call.caller.leave()
        await call.record.until(
            lambda: True if call.tap.connections == 0 else None, "the upstream's end"
        )
        assert len(call.record.all(">U", "response.create")) == 1


async def test_settings_twice_in_strict_mode() -> None:
    async with calling(through=through_turngate(strict=True)) as call:
        await call.play(client >> configured(), client << "Error SETTINGS_ALREADY_APPLIED")
