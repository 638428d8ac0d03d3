"""What a person does on the page, in a real browser: ask, listen, interrupt, reload."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from browser.stand import Driver, Gateway, Visit, recording, understood, visiting

JOKE = "two responses walk into a conversation"
SILENT = 0.002
"""Below this nobody hears anything: -54 dB."""
CUT_MS = 200.0


def test_question_is_heard_and_answered_aloud(
    driver: Driver, gateway: Gateway, tmp_path: Path
) -> None:
    microphone = recording(tmp_path / "said.wav", 0.6, "slt-tell_me_a_joke", 30.0)
    with visiting(driver, gateway.url, microphone) as visit:
        visit.listen()
        visit.sees("user", "tell me a joke")
        visit.is_in_mode("speaking")
        visit.sees("assistant", "Two responses walk")
        visit.is_quiet()
        visit.shot("spoken-question")
        assert JOKE in understood(visit.heard(), JOKE)
        assert visit.faults == []


def test_function_call_becomes_a_card_with_its_result(
    driver: Driver, gateway: Gateway, tmp_path: Path
) -> None:
    microphone = recording(tmp_path / "said.wav", 0.6, "question", 30.0)
    with visiting(driver, gateway.url, microphone) as visit:
        visit.listen()
        visit.sees("user", "what time is it in Paris")
        card = visit.page.get_by_role("article", name="Function call get_time")
        card.get_by_text("ran in this page").wait_for()
        terms = card.locator("dt").all_inner_texts()
        values = card.locator("dd").all_inner_texts()
        assert terms == ["city", "city", "time", "day"]
        assert values[:2] == ["Paris", "Paris"]
        visit.sees("assistant", values[2])
        visit.is_quiet()
        visit.shot("function-call")
        assert visit.faults == []


def test_barge_in_cuts_the_answer_at_once(driver: Driver, gateway: Gateway, tmp_path: Path) -> None:
    microphone = recording(tmp_path / "said.wav", 5.0, "slt-tell_me_a_joke", 30.0)
    with visiting(driver, gateway.url, microphone) as visit:
        visit.listen()
        visit.type("tell me a long story")
        visit.is_in_mode("speaking")
        visit.page.locator(".line.assistant del").wait_for()
        spoke_at, told_at, silent_at = barge_in(visit)
        assert silent_at - told_at <= CUT_MS
        visit.note(
            "barge-in",
            f"silent {silent_at - told_at:.0f} ms after the notice of speech,"
            f" {silent_at - spoke_at:.0f} ms after its first frame left the page",
        )
        visit.sees("user", "tell me a joke")
        visit.sees("assistant", "Two responses walk")
        visit.shot("barge-in")
        assert visit.faults == []


def barge_in(visit: Visit) -> tuple[float, float, float]:
    """Return when the user began to interrupt, when the page was told, and when it fell silent."""
    [told_at] = [each["at"] for each in visit.events() if each["type"] == "UserStartedSpeaking"]
    next_at = min(
        (each["at"] for each in visit.events() if is_answer_after(each, told_at)),
        default=math.inf,
    )
    loud = [at for at, loudest in visit.sounds() if loudest > SILENT and at < next_at]
    assert any(told_at - 300 < at <= told_at for at in loud), "it played until then"
    return visit.speech_sent()[0], told_at, max(loud)


def is_answer_after(message: Mapping[str, Any], at: float) -> bool:
    return message["type"] == "AgentStartedSpeaking" and message["at"] > at


def test_escape_silences_the_answer(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.type("tell me a joke")
        visit.is_in_mode("speaking")
        visit.sees("assistant", "Two responses walk")
        visit.page.keyboard.press("Escape")
        visit.page.locator(".line.assistant del").wait_for()
        visit.is_quiet()
        assert visit.faults == []


def test_reload_keeps_the_conversation_and_the_agent_knows_it(
    driver: Driver, gateway: Gateway
) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        visit.page.reload()
        visit.sees("user", "what time is it in Tokyo?")
        assert visit.page.get_by_role("article", name="Function call get_time").is_visible()
        visit.type("tell me a joke")
        visit.sees("assistant", "Two responses walk")
        visit.shot("after-reload")
        [settings] = [each for each in visit.events() if each["type"] == "Settings"]
        history = settings["agent"]["context"]["messages"]
        kinds = [each.get("role") or each["function_calls"][0]["name"] for each in history]
        assert kinds == ["user", "get_time", "assistant"]
        visit.page.get_by_role("button", name="New conversation").click()
        visit.page.reload()
        assert visit.page.get_by_text("Say something.").is_visible()
        assert visit.faults == []
