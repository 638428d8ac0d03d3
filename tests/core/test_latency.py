"""How long the parts of a turn took: each begins where another ended, and is measured once."""

from scenes import SPOKEN
from transcript import after, client, itself, openai, play, sounds
from turngate.core.effects import (
    AgentFinished,
    AgentStarted,
    ShowAgentText,
    ShowUserText,
    TurnTimed,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    ResponseDone,
    UserTranscribed,
)
from turngate.core.latency import Latency, Stopwatch
from turngate.units import Ms


def at(watch: Stopwatch, **times: int) -> Latency:
    """Note what came at which time, in order, and return what that makes of the turn."""
    for noted, now in times.items():
        watch.now = Ms(now)
        getattr(watch, noted.rstrip("_"))()
    return watch.latency()


def test_each_part_of_a_spoken_turn_is_measured() -> None:
    told = at(
        Stopwatch(),
        spoke=100,
        transcribed=130,
        asked=150,
        asked_=160,
        called=180,
        text=200,
        audio=260,
        called_=270,
        text_=280,
        audio_=290,
    )
    assert told == Latency(Ms(30), Ms(30), Ms(50), Ms(30), Ms(60), Ms(160))


def test_first_token_may_be_text_or_audio() -> None:
    assert at(Stopwatch(), asked=100, text=110, text_=120, audio=140).token_ms == Ms(10)
    assert at(Stopwatch(), asked=100, audio=130, audio_=135, text=140).token_ms == Ms(30)


def test_audio_that_came_without_text_before_it_took_no_time_from_text() -> None:
    told = at(Stopwatch(), asked=100, audio=130)
    assert told == Latency(token_ms=Ms(30), tts_ms=Ms(0), total_ms=Ms(30))
    assert at(Stopwatch(), asked=100, audio=130, text=150).tts_ms == Ms(0)


def test_turn_begins_with_what_was_wished_before_it_was_asked_for() -> None:
    assert at(Stopwatch(), wished=70, asked=100, audio=130).total_ms == Ms(60)


def test_what_is_wished_while_the_agent_speaks_begins_the_next_turn() -> None:
    watch = Stopwatch()
    assert at(watch, wished=0, asked=0, audio=50, wished_=80).total_ms == Ms(50)
    assert watch.finish().total_ms == Ms(50)
    assert at(watch, asked=90, audio=100) == Latency(token_ms=Ms(10), tts_ms=Ms(0), total_ms=Ms(20))
    watch.finish()
    assert watch.finish() == Latency()


def test_finished_turn_tells_its_latencies() -> None:
    play(
        *SPOKEN[:-1],
        after(ms=40),
        openai >> UserTranscribed("u1", "well"),
        client << ShowUserText("well"),
        SPOKEN[-1],
        after(ms=60),
        openai >> AudioBegan("r1", "a1"),
        client << AgentStarted(Ms(100)),
        sounds("a1", ms=10),
        openai >> AudioEnded("r1", "a1"),
        openai >> AgentTextDone("r1", "a1", "Hello.", is_spoken=True),
        client << ShowAgentText("Hello."),
        openai >> ResponseDone("r1", "tg_request_1"),
        client << AgentFinished(),
        itself << TurnTimed(Latency(Ms(40), Ms(100), None, None, Ms(0), Ms(100))),
    )


def test_text_of_speech_whose_end_was_not_told_took_no_known_time() -> None:
    assert at(Stopwatch(), transcribed=130) == Latency()


def test_request_that_leaves_before_anything_has_waited_has_not_waited() -> None:
    assert Stopwatch().left() == 0
