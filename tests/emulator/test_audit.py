"""The audit: what counts as a violation, a race, an unanswered turn, a turn answered twice."""

from turngate.audio.tone import silence, tone
from turngate.emulator import Call, Knobs, Reply, Script
from turngate.emulator.audit import Audit
from turngate.emulator.memory import MemoryClient

TWO_CALLS = Script(replies=(Reply(match="go", calls=(Call("a"), Call("b"))),))


def audit(client: MemoryClient) -> Audit:
    return Audit([client.connection.ledger])


def verdict(client: MemoryClient) -> tuple[int, int, int]:
    """Violations, unanswered turns, turns answered twice."""
    judged = audit(client)
    return judged.violations, judged.unanswered_turns, judged.answered_twice


def test_a_clean_turn() -> None:
    client = MemoryClient()
    client.say("hello")
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)
    assert [record.verdict for record in audit(client).records] == ["accepted", "accepted"]


def test_a_create_during_a_response_of_ones_own_is_a_violation() -> None:
    client = MemoryClient(Knobs(created_ms=50))
    client.say("hello")
    client.send("response.create")
    client.send("response.create")
    assert audit(client).counters["create_while_active"] == 1
    record = audit(client).records[-1]
    assert record.verdict == "conversation_already_has_active_response"
    assert record.active_id == client.connection.responder.active_id


def test_a_create_that_crosses_the_servers_own_response_is_a_race() -> None:
    client = MemoryClient(Knobs(created_ms=400))
    client.hear(tone(400) + silence(300))
    client.say("hello")
    client.send("response.create")
    counters = audit(client).counters
    assert (counters["race"], counters["create_while_active"]) == (1, 0)
    assert audit(client).violations == 0


def test_a_create_long_after_the_announcement_is_no_race() -> None:
    client = MemoryClient(Knobs(first_delta_ms=1000))
    client.hear(tone(400) + silence(300))
    client.wait(251)
    client.send("response.create")
    counters = audit(client).counters
    assert (counters["race"], counters["create_while_active"]) == (0, 1)


def test_a_system_message_may_be_answered_once_or_not_at_all() -> None:
    """A function's late result comes as one; and many are mere remarks."""
    client = MemoryClient()
    client.say("hello")
    client.send("response.create")
    client.settle()
    remark = {"type": "message", "role": "system"}
    content = [{"type": "input_text", "text": "The function f has answered: noon"}]
    client.send("conversation.item.create", item={**remark, "content": content})
    client.settle()
    assert verdict(client) == (0, 0, 0)
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 1)


def test_a_turn_without_a_response() -> None:
    client = MemoryClient()
    client.say("hello")
    assert verdict(client) == (0, 1, 0)


def test_several_messages_share_one_response() -> None:
    client = MemoryClient()
    client.say("one")
    client.say("two")
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)


def test_a_second_response_for_the_same_turn() -> None:
    client = MemoryClient()
    client.say("one")
    for _ in range(2):
        client.send("response.create")
        client.settle()
    assert verdict(client) == (0, 0, 1)


def test_a_request_with_instructions_may_be_for_nothing_new() -> None:
    client = MemoryClient()
    client.say("one")
    client.send("response.create")
    client.settle()
    client.send("response.create", response={"instructions": "Sum up."})
    client.settle()
    assert verdict(client) == (0, 0, 0)


def test_exact_speech_answers_nobody() -> None:
    client = MemoryClient()
    client.say("one")
    client.send("response.create", response={"instructions": 'Say exactly: "Welcome."'})
    client.settle()
    assert client.of("response.output_audio_transcript.done")[0]["transcript"] == "Welcome."
    assert verdict(client) == (0, 1, 0)
    client.send("response.create")
    assert verdict(client) == (0, 0, 0)


def test_a_greeting_before_anybody_spoke() -> None:
    client = MemoryClient()
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)


def test_history_wants_no_answer() -> None:
    client = MemoryClient()
    client.say("my name is Ada")
    content = [{"type": "output_text", "text": "Hello Ada"}]
    client.send(
        "conversation.item.create",
        item={"type": "message", "role": "assistant", "content": content},
    )
    assert verdict(client) == (0, 0, 0)


def test_a_deleted_message_wants_no_answer() -> None:
    client = MemoryClient()
    item_id = client.say("never mind")[0]["item"]["id"]
    client.send("conversation.item.delete", item_id=item_id)
    assert verdict(client) == (0, 0, 0)


def test_a_failed_answer_may_be_asked_for_again() -> None:
    client = MemoryClient(Knobs(fail_response=1))
    client.say("one")
    for _ in range(3):
        client.send("response.create")
        client.settle()
    assert verdict(client) == (0, 0, 1)


def test_outputs_want_one_answer_once_they_are_complete() -> None:
    client = MemoryClient(script=TWO_CALLS)
    client.say("go")
    client.send("response.create")
    done = client.until("response.done")["response"]
    first, second = (item["call_id"] for item in done["output"])
    client.output(first)
    assert verdict(client) == (0, 0, 0)
    client.output(second)
    assert verdict(client) == (0, 1, 0)
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)


def test_outputs_of_a_response_that_was_cancelled_too_late_want_no_answer() -> None:
    client = MemoryClient(script=TWO_CALLS)
    for is_cancelled in (False, True):
        client.say("go")
        client.send("response.create")
        done = client.until("response.done")["response"]
        if is_cancelled:
            client.send("response.cancel", response_id=done["id"])
        for item in done["output"]:
            client.output(item["call_id"])
        assert verdict(client) == (0, 0 if is_cancelled else 1, 0)


def test_outputs_of_a_response_that_was_cancelled_too_early_want_no_answer_whenever_they_come() -> (
    None
):
    for is_early in (False, True):
        client = MemoryClient(Knobs(created_ms=100, done_after_last_ms=100), script=TWO_CALLS)
        client.say("go")
        client.send("response.create")
        client.send("response.cancel", response_id=client.connection.responder.active_id)
        calls = [client.until("response.function_call_arguments.done") for _ in range(2)]
        if not is_early:
            client.until("response.done")
        for call in calls:
            client.output(call["call_id"])
        client.settle()
        assert client.of("response.done")[0]["response"]["status"] == "completed"
        assert verdict(client) == (0, 0, 0)


def test_outputs_given_before_the_end_of_their_response() -> None:
    client = MemoryClient(Knobs(done_after_last_ms=50), TWO_CALLS)
    client.say("go")
    client.send("response.create")
    for _ in range(2):
        client.output(client.until("response.function_call_arguments.done")["call_id"])
    assert verdict(client) == (0, 0, 0)
    client.settle()
    assert verdict(client) == (0, 1, 0)


def test_a_create_while_a_call_has_no_output() -> None:
    client = MemoryClient(script=TWO_CALLS)
    client.say("go")
    client.send("response.create")
    client.settle()
    client.send("response.create")
    assert audit(client).counters["create_with_unanswered_calls"] == 1


def test_a_second_output_for_a_call() -> None:
    client = MemoryClient(script=TWO_CALLS)
    client.say("go")
    client.send("response.create")
    call_id = client.until("response.function_call_arguments.done")["call_id"]
    client.output(call_id)
    client.output(call_id)
    assert audit(client).counters["output_for_answered_call"] == 1


def test_audio_before_the_first_update_is_answered() -> None:
    client = MemoryClient(Knobs(session_updated_ms=100))
    client.update(instructions="x")
    client.hear(silence(20))
    client.wait(100)
    client.hear(silence(20))
    assert audit(client).counters["append_before_ready"] == 1


def test_a_client_that_sends_no_update_is_ready_at_once() -> None:
    client = MemoryClient()
    client.hear(silence(20))
    client.update(instructions="x")
    assert audit(client).counters["append_before_ready"] == 0


def test_a_spoken_turn_is_answered_by_the_server() -> None:
    client = MemoryClient()
    client.hear(tone(400) + silence(300))
    client.settle()
    assert verdict(client) == (0, 0, 0)
    client.send("response.create")
    assert verdict(client) == (0, 0, 1)


def test_what_was_typed_during_the_servers_response_is_asked_for_later() -> None:
    client = MemoryClient()
    client.hear(tone(400) + silence(300))
    client.say("x")
    client.settle()
    assert verdict(client) == (0, 1, 0)
    client.send("response.create")
    client.settle()
    assert verdict(client) == (0, 0, 0)


def test_several_ledgers_are_one_audit() -> None:
    clients = [MemoryClient(), MemoryClient()]
    for client in clients:
        client.say("hello")
    together = Audit(client.connection.ledger for client in clients)
    assert together.unanswered_turns == 2
    assert together.as_dict()["counters"] == dict(together.counters)
    assert together.table().endswith("violations: 0, unanswered_turns: 2")


def test_appends_in_a_row_are_one_record() -> None:
    client = MemoryClient()
    client.hear(silence(200))
    client.send("input_audio_buffer.clear")
    records = audit(client).records
    assert [(record.type, record.times) for record in records] == [
        ("input_audio_buffer.append", 10),
        ("input_audio_buffer.clear", 1),
    ]
