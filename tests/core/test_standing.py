"""How a session stands at a moment: who has the slot, and what waits for what."""

from scenes import READY, RUNNING, called, result, typed
from transcript import Course, Line, after, client, course_of, openai
from turngate.core.effects import SendRequest
from turngate.core.events import (
    AgentLine,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    Manner,
    Reconfigure,
    ResponseCreated,
    ResponseDone,
    SlotTaken,
    SpeechCleared,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    TurnEnded,
    UpstreamOpened,
    UserTyped,
)
from turngate.core.limits import RESERVED_MS
from turngate.core.session import Policy
from turngate.core.standing import Hold, Kept, Standing, Why, queued
from turngate.core.waiting import Aside


def stands(*script: Line, policy: Policy | None = None) -> Standing:
    """Return how a session stands after these lines; what it says meanwhile is not compared."""
    return course_of(*script, policy=policy).session.standing()


def test_new_session_holds_what_comes_before_its_configuration() -> None:
    configured = (client >> ClientOpened("call"), client >> Configure("settings", {"prompt": "x"}))
    standing = stands(*configured, client >> UserTyped("hi"))
    early = Hold("message", ("UserTyped",), Kept(Why.SETTINGS))
    update = Hold("update", ("settings",), Kept(Why.SETTINGS))
    assert standing == Standing("idle", None, (early, update))
    opened = stands(*configured, client >> UserTyped("hi"), openai >> UpstreamOpened())
    assert opened == Standing("updating", None, (early,))


def test_nothing_waits_in_a_session_at_rest() -> None:
    assert stands(*READY) == Standing("idle", None, ())


def test_wish_waits_for_its_item() -> None:
    awaited = Hold("request", ("tg_item_1",), Kept(Why.ITEM, ("tg_item_1",)))
    assert stands(*READY, *typed("hi", "tg_item_1")) == Standing("idle", None, (awaited,))


def test_ready_wish_waits_for_the_item_of_another() -> None:
    standing = stands(
        *READY,
        *typed("hi", "tg_item_1"),
        *typed("ho", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_1"),
    )
    kept = Kept(Why.ITEM, ("tg_item_2",))
    assert standing.holds == (
        Hold("request", ("tg_item_2",), kept),
        Hold("request", ("tg_item_1",), kept),
    )


def test_request_waits_for_the_answer_to_the_one_before() -> None:
    standing = stands(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
    )
    unanswered = Hold("request", ("tg_item_2",), Kept(Why.UNANSWERED, ("tg_request_1",)))
    assert standing == Standing("requested", None, (unanswered,))


def test_request_and_update_wait_for_the_response() -> None:
    standing = stands(
        *RUNNING,
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        client >> Reconfigure("UpdatePrompt", {"prompt": "new"}),
    )
    kept = Kept(Why.RESPONSE, ("r1",))
    assert standing == Standing(
        "active",
        "r1",
        (Hold("request", ("tg_item_2",), kept), Hold("update", ("UpdatePrompt",), kept)),
    )


def test_refused_request_waits_for_a_holder_that_has_no_name() -> None:
    standing = stands(
        *READY,
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        openai >> SlotTaken("tg_request_1", None),
    )
    again = Hold("request", ("tg_item_1",), Kept(Why.RESPONSE), tries=1)
    assert standing == Standing("occupied", None, (again,))


def test_answer_to_calls_waits_for_the_calls_and_then_for_the_end_of_their_response() -> None:
    both = (*RUNNING, *called("r1", "call_1", "call_2"), *result("call_1", "tg_item_2"))
    waiting = Hold("request", ("call_1", "call_2"), Kept(Why.CALLS, ("call_2",)))
    assert stands(*both).holds == (waiting,)
    answered = Hold("request", ("call_1", "call_2"), Kept(Why.RESPONSE, ("r1",)))
    assert stands(*both, *result("call_2", "tg_item_3")).holds == (answered,)


def test_turn_waits_for_calls_beside_it() -> None:
    standing = stands(
        *RUNNING,
        *called("r1", "call_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        *typed("two", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
    )
    kept = Kept(Why.CALLS, ("call_1",))
    assert standing.holds == (
        Hold("request", ("call_1",), kept),
        Hold("request", ("tg_item_2",), kept),
    )


def test_request_waits_while_the_user_speaks() -> None:
    standing = stands(
        *READY,
        openai >> SpeechStarted("s1"),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
    )
    assert standing.holds == (Hold("request", ("tg_item_1",), Kept(Why.USER, ("s1",))),)


def test_request_waits_while_what_the_user_said_is_on_its_way() -> None:
    standing = stands(
        *READY,
        openai >> SpeechStarted("s1"),
        client >> TurnEnded(),
        openai >> SpeechCleared(),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
    )
    kept = Kept(Why.USER, ("tg_commit_1",))
    assert standing.holds == (Hold("request", ("tg_item_1",), kept),)


def test_request_waits_where_the_server_may_answer() -> None:
    standing = stands(
        *READY,
        openai >> SpeechStarted("s1"),
        openai >> SpeechStopped("s1"),
        openai >> SpeechCommitted("s1"),
        *typed("one", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        policy=Policy(server_turns=True),
    )
    assert standing.holds == (Hold("request", ("tg_item_1",), Kept(Why.SERVER, ("s1",))),)


def test_looking_changes_nothing() -> None:
    course = Course()
    before = course.session.standing()
    assert course.session.standing() == before
    assert course.say(client >> ClientOpened("call"))


def test_what_needs_no_slot_is_not_shown() -> None:
    assert queued((Aside(1),), Kept(Why.RESPONSE)) == ()


def test_response_of_another_is_shown() -> None:
    standing = stands(*READY, openai >> ResponseCreated("r9", None))
    assert standing == Standing("active", "r9", ())


def test_line_and_answer_to_calls_wait_by_names_of_their_own() -> None:
    waiting = (
        *RUNNING,
        *called("r1", "call_1"),
        *result("call_1", "tg_item_2"),
        openai >> ItemAcknowledged("tg_item_2"),
        client >> AgentLine("Still there?", Manner.QUEUE),
        openai >> SpeechStarted("s1"),
        openai >> ResponseDone("r1", "tg_request_1"),
    )
    kept = Kept(Why.USER, ("s1",))
    line, results = Hold("request", ("tg_line_1",), kept), Hold("request", ("tg_results_1",), kept)
    assert stands(*waiting).holds == (line, results)


def test_speech_that_the_server_left_unanswered_is_asked_about_by_its_item() -> None:
    standing = stands(
        *READY,
        openai >> SpeechStarted("s1"),
        openai >> SpeechStopped("s1"),
        openai >> SpeechCommitted("s1"),
        openai >> SpeechStarted("s2"),
        after(ms=RESERVED_MS),
        policy=Policy(server_turns=True),
    )
    assert standing.holds == (Hold("request", ("s1",), Kept(Why.USER, ("s2",))),)
