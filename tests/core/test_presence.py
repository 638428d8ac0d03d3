"""Whether the client is there, and how long it may stay."""

import pytest

from scenes import RUNNING
from transcript import Course, Line, Says, after, client, itself, openai, play
from turngate.core.effects import (
    Acknowledge,
    Effect,
    Hangup,
    Report,
    SendUpdate,
    SetTimer,
    Welcome,
)
from turngate.core.events import (
    ClientOpened,
    Configure,
    ResponseDone,
    Timer,
    TimerFired,
    Updated,
    UpstreamOpened,
)
from turngate.core.limits import ENDING_SOON_MS
from turngate.core.presence import LENGTH, Presence, Stay
from turngate.core.session import Policy
from turngate.errors import CallEnding, CallTooLong, ClientSilent
from turngate.units import Ms

HERE: tuple[Line, ...] = (client >> ClientOpened("call"), client << Welcome("call"))


def allowed(**stay: int) -> Policy:
    return Policy(stay=Stay(**{name: Ms(ms) for name, ms in stay.items()}))


def test_client_that_never_says_what_it_wants_is_sent_away() -> None:
    play(
        *HERE,
        after(ms=29_999),
        after(ms=1),
        client << Report(ClientSilent("Settings", 30)),
        itself << Hangup(),
        policy=allowed(settings_ms=30_000),
    )


def test_client_that_has_said_it_may_take_its_time() -> None:
    play(
        *HERE,
        openai >> UpstreamOpened(),
        client >> Configure("settings", {"prompt": "old"}),
        openai << SendUpdate("tg_update_1", {"prompt": "old"}),
        openai >> Updated(),
        client << Acknowledge("settings"),
        after(ms=100_000),
        policy=allowed(settings_ms=30_000),
    )


def test_client_that_sends_nothing_at_all_is_gone() -> None:
    play(
        *HERE,
        after(ms=59_999),
        after(ms=1),
        client << Report(ClientSilent("message", 60)),
        itself << Hangup(),
        policy=allowed(silence_ms=60_000),
    )


def looked(course: Course, times: int, *, is_heard: bool) -> list[object]:
    """Let the deadlines of the silence pass, and return what they led to but for new deadlines."""
    silence = Timer("silence")
    return [
        effect
        for _ in range(times)
        for effect in course.session.receive(TimerFired(silence, Ms(0), is_heard), Ms(0))
        if not isinstance(effect, SetTimer)
    ]


def test_whatever_it_sends_shows_that_it_is_there() -> None:
    course = Course(allowed(silence_ms=60_000))
    course.say(Says("client", ClientOpened("call")))
    assert looked(course, 3, is_heard=False) == []
    assert looked(course, 1, is_heard=True) == []
    assert looked(course, 3, is_heard=False) == []
    assert Report(ClientSilent("message", 60)) in looked(course, 1, is_heard=False)


def test_client_is_not_asked_to_speak_while_it_waits_for_an_answer() -> None:
    course = Course(allowed(silence_ms=4_000))
    for line in RUNNING:
        if isinstance(line, Says):
            course.say(line)
    assert looked(course, 9, is_heard=False) == []
    course.say(openai >> ResponseDone("r1", "tg_request_1"))
    assert looked(course, 3, is_heard=False) == []
    assert Report(ClientSilent("message", 4)) in looked(course, 1, is_heard=False)


@pytest.mark.parametrize("length_ms, warned_ms", [(7_200_000, ENDING_SOON_MS), (60_000, 30_000)])
def test_call_is_warned_and_then_ends(length_ms: int, warned_ms: int) -> None:
    play(
        *HERE,
        itself << SetTimer(LENGTH, Ms(length_ms - warned_ms)),
        after(ms=length_ms - warned_ms),
        itself << SetTimer(Timer("end"), Ms(warned_ms)),
        client << Report(CallEnding(warned_ms // 1000)),
        after(ms=warned_ms - 1),
        after(ms=1),
        client << Report(CallTooLong(length_ms // 1000)),
        itself << Hangup(),
        policy=allowed(length_ms=length_ms),
    )


def test_nothing_is_watched_where_all_is_allowed() -> None:
    course = Course(Policy())
    course.say(Says("client", ClientOpened("call")))
    assert course.deadlines == {}


def test_seconds_are_told_whole() -> None:
    told: list[object] = []
    stay = Presence(Stay(Ms(1_999), Ms(4_999), Ms(7_999)), [])
    told += [stay.fired(Timer(name), is_heard=False) for name in ("settings", "length", "end")]
    told += [stay.fired(Timer("silence"), is_heard=False) for _ in range(4)]
    assert told[:3] == [ClientSilent("Settings", 1), CallEnding(3), CallTooLong(7)]
    assert told[3:] == [None, None, None, ClientSilent("message", 4)]


def test_silence_is_looked_at_after_whole_milliseconds() -> None:
    out: list[Effect] = []
    stay = Presence(Stay(silence_ms=Ms(4_999)), out)
    stay.began()
    stay.fired(Timer("silence"), is_heard=True)
    assert out == [SetTimer(Timer("silence"), Ms(1_249))] * 2
