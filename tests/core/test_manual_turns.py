"""Manual turns: what the user says is committed by us, and a client may end any turn."""

import pytest

from scenes import CUT, POLICY, READY, RUNNING, linked, typed
from transcript import Line, after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    CancelTimer,
    Count,
    MeasureAudio,
    PadAudio,
    SendCommit,
    SendRequest,
    SendUpdate,
    UserStarted,
    Welcome,
)
from turngate.core.events import (
    AudioBegan,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    Rejected,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Timer,
    TurnEnded,
    Updated,
    UpstreamOpened,
    UserAudio,
)
from turngate.core.limits import BREATH_MS, COMMIT_MS, COMMITTED_MS, FIRST_COMMITTED_MS, PAUSE_MS
from turngate.units import Ms

MANUAL: tuple[Line, ...] = (
    client >> ClientOpened("call"),
    client << Welcome("call"),
    openai >> UpstreamOpened(),
    client >> Configure("settings", {"prompt": "old"}, manual_turns=True),
    itself << MeasureAudio(is_on=True),
    openai << SendUpdate("tg_update_1", {"prompt": "old"}),
    openai >> Updated(),
    client << Acknowledge("settings"),
)
CHUNK_MS = 250


def heard(item: str) -> tuple[Line, ...]:
    """A commit of ours became an item."""
    return (openai >> SpeechCommitted(item), openai >> ItemAcknowledged(item))


def chunks(count: int) -> tuple[Line, ...]:
    return (client >> UserAudio(CHUNK_MS), after(ms=CHUNK_MS)) * count


def test_s21a_steady_audio_is_committed_in_between() -> None:
    first = FIRST_COMMITTED_MS // CHUNK_MS
    breath = (client >> UserAudio(CHUNK_MS), after(ms=CHUNK_MS))
    rest = BREATH_MS - 2 * CHUNK_MS
    play(
        *MANUAL,
        *chunks(first - 1),
        *breath * 2,
        client >> UserAudio(CHUNK_MS),
        after(ms=rest),
        openai << SendCommit("tg_commit_1"),
        after(ms=CHUNK_MS - rest),
        *breath * 2,
        client >> UserAudio(CHUNK_MS),
        after(ms=rest),
        openai << SendCommit("tg_commit_2"),
    )


def test_s21b_tail_is_padded_and_committed() -> None:
    play(
        *MANUAL,
        client >> UserAudio(60),
        after(ms=PAUSE_MS - 1),
        after(ms=1),
        itself << PadAudio(COMMITTED_MS - 60),
        openai << SendCommit("tg_commit_1"),
        *heard("u1"),
        openai << SendRequest("tg_request_1"),
        after(ms=5_000),
    )


def test_s21c_commit_during_a_response_is_answered_after_it() -> None:
    play(
        *MANUAL,
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_1"),
        *heard("u1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_2"),
        *heard("u2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
    )


def test_refused_commit_harms_nobody() -> None:
    play(
        *MANUAL,
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_1"),
        openai >> Rejected("tg_commit_1", "input_audio_buffer_commit_empty", "0.00ms of audio."),
    )


def test_client_ends_the_turn_before_the_pause() -> None:
    play(
        *MANUAL,
        client >> UserAudio(500),
        client >> TurnEnded(),
        openai << SendCommit("tg_commit_1"),
        after(ms=PAUSE_MS),
    )


def test_client_that_hands_the_turns_back_is_not_measured_any_more() -> None:
    play(
        *MANUAL,
        client >> UserAudio(500),
        client >> Configure("settings", {"prompt": "new"}),
        itself << MeasureAudio(is_on=False),
        openai << SendUpdate("tg_update_2", {"prompt": "new"}),
        after(ms=PAUSE_MS),
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai >> Updated(),
        client << Acknowledge("settings"),
    )


# -- a commit on its way

COMMITTED: tuple[Line, ...] = (
    *MANUAL,
    client >> UserAudio(500),
    after(ms=PAUSE_MS),
    openai << SendCommit("tg_commit_1"),
)
WRITTEN: tuple[Line, ...] = (
    *COMMITTED,
    *typed("x", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
)


def test_message_waits_for_a_commit_and_both_get_one_answer() -> None:
    play(
        *WRITTEN,
        after(ms=COMMIT_MS - 1),
        *heard("u1"),
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
    )


def test_commit_that_is_refused_keeps_nobody_waiting() -> None:
    play(
        *WRITTEN,
        openai >> Rejected("tg_commit_1", "input_audio_buffer_commit_empty", "0.00ms of audio."),
        openai << SendRequest("tg_request_1"),
    )


def test_commit_of_which_nothing_is_heard_keeps_a_message_for_no_longer_than_its_deadline() -> None:
    play(
        *WRITTEN,
        after(ms=COMMIT_MS - 1),
        after(ms=1),
        itself << Count("commit_overdue"),
        openai << SendRequest("tg_request_1"),
    )


def test_commit_that_was_lost_with_its_connection_keeps_nobody_waiting() -> None:
    play(
        *COMMITTED,
        *CUT,
        *linked(),
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        policy=POLICY,
    )


def test_later_commits_prolong_nothing() -> None:
    again = COMMIT_MS - PAUSE_MS - 100
    play(
        *WRITTEN,
        after(ms=100),
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_2"),
        after(ms=again),
        openai << SendRequest("tg_request_1"),
    )


def test_response_that_begins_beside_a_commit_is_heard() -> None:
    play(
        *MANUAL,
        *typed("x", "tg_item_1"),
        openai >> ItemAcknowledged("tg_item_1"),
        openai << SendRequest("tg_request_1"),
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(PAUSE_MS)),
        *heard("u1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        openai << SendRequest("tg_request_2"),
    )


# -- a client ends a turn that the upstream detects


def test_turn_that_is_ended_while_the_user_speaks_is_committed_and_answered() -> None:
    play(
        *READY,
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client >> TurnEnded(),
        openai << SendCommit("tg_commit_1"),
        *heard("u1"),
        openai << SendRequest("tg_request_1"),
    )


def test_end_of_a_turn_in_which_nobody_speaks_is_counted() -> None:
    play(
        *READY,
        client >> TurnEnded(),
        itself << Count("end_of_no_turn"),
    )


def test_end_of_a_turn_that_has_ended_adds_nothing() -> None:
    play(
        *RUNNING,
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(0)),
        openai >> SpeechStarted("u1"),
        client << UserStarted(),
        client << AgentFinished(),
        openai >> SpeechStopped("u1"),
        client >> TurnEnded(),
        itself << Count("end_of_no_turn"),
    )


def test_deadline_that_has_passed_is_not_cancelled() -> None:
    pause = itself << CancelTimer(Timer("pause"))
    play(
        *MANUAL,
        client >> UserAudio(500),
        client >> TurnEnded(),
        openai << SendCommit("tg_commit_1"),
        pause,
        client >> UserAudio(500),
        after(ms=PAUSE_MS),
        openai << SendCommit("tg_commit_2"),
    )


def test_only_what_is_less_than_the_upstream_takes_is_padded() -> None:
    def said(ms: int, number: int, *padding: Line) -> tuple[Line, ...]:
        commit = f"tg_commit_{number}"
        ended = (client >> TurnEnded(), *padding, openai << SendCommit(commit))
        return client >> UserAudio(ms), *ended

    play(
        *MANUAL,
        *said(COMMITTED_MS - 1, 1, itself << PadAudio(1)),
        *said(COMMITTED_MS, 2),
        *said(COMMITTED_MS + 1, 3),
    )


TWICE: tuple[Line, ...] = (
    *COMMITTED,
    client >> UserAudio(500),
    client >> TurnEnded(),
    openai << SendCommit("tg_commit_2"),
    *typed("x", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
)
REFUSED = tuple(
    openai >> Rejected(f"tg_commit_{number}", "input_audio_buffer_commit_empty", "0.00ms of audio.")
    for number in (1, 2)
)


@pytest.mark.parametrize(
    "first, second",
    [
        (heard("u1"), heard("u2")),
        (heard("u1"), (REFUSED[1],)),
        ((REFUSED[0],), heard("u2")),
        ((REFUSED[1],), heard("u1")),
        ((REFUSED[1],), (REFUSED[0],)),
    ],
)
def test_message_waits_for_each_commit_that_is_on_its_way(
    first: tuple[Line, ...], second: tuple[Line, ...]
) -> None:
    play(
        *TWICE,
        *first,
        *second,
        openai << SendRequest("tg_request_1"),
        openai >> ResponseCreated("r1", "tg_request_1"),
        openai >> ResponseDone("r1", "tg_request_1"),
        after(ms=60_000),
    )
