"""What a person does on the page, in a real browser: ask, listen, interrupt, reload."""

from pathlib import Path

from playwright.sync_api import Playwright

from browser.stand import Gateway, Visit, recording, understood, visiting

JOKE = "two responses walk into a conversation"
SILENT = 0.002
"""Below this nobody hears anything: -54 dB."""
CUT_MS = 200.0


def test_question_is_heard_and_answered_aloud(
    driver: Playwright, gateway: Gateway, tmp_path: Path
) -> None:
    microphone = recording(tmp_path / "said.wav", 0.6, "slt-tell_me_a_joke", 30.0)
    with visiting(driver, gateway.url, microphone=microphone) as visit:
        visit.listen()
        visit.sees("user", "tell me a joke")
        visit.is_in_mode("speaking")
        visit.sees("assistant", "Two responses walk")
        visit.is_quiet()
        visit.shot("spoken-question")
        assert JOKE in understood(visit.heard(), JOKE)
        assert visit.faults == []


def test_function_call_becomes_a_card_with_its_result(
    driver: Playwright, gateway: Gateway, tmp_path: Path
) -> None:
    microphone = recording(tmp_path / "said.wav", 0.6, "question", 30.0)
    with visiting(driver, gateway.url, microphone=microphone) as visit:
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


def test_barge_in_cuts_the_answer_at_once(
    driver: Playwright,
    gateway: Gateway,
    tmp_path: Path,
) -> None:
    microphone = recording(
        tmp_path / "said.wav", 0.6, "slt-tell_me_a_joke", 2.4, "rms-good_morning", 30.0
    )
    with visiting(driver, gateway.url, microphone=microphone) as visit:
        visit.listen()
        visit.is_in_mode("speaking")
        visit.page.locator(".line.assistant del").wait_for()
        visit.shot("barge-in")
        spoke_at, told_at, silent_at = barge_in(visit)
        assert silent_at - told_at <= CUT_MS
        visit.note(
            "barge-in",
            f"silent {silent_at - told_at:.0f} ms after the notice of speech,"
            f" {silent_at - spoke_at:.0f} ms after its first frame left the page",
        )
        visit.sees("user", "good morning")
        visit.is_quiet()
        assert visit.faults == []


def barge_in(visit: Visit) -> tuple[float, float, float]:
    """Return when the user began to interrupt, when the page was told, and when it fell silent."""
    told_at = [each["at"] for each in visit.events() if each["type"] == "UserStartedSpeaking"][1]
    sounds = visit.sounds()
    before = [at for at, loud in sounds if loud > SILENT and at < told_at + 1000]
    assert any(told_at - 300 < at <= told_at + 50 for at in before), "it played until then"
    spoken = visit.speech_sent()
    begins = [
        at
        for at, earlier in zip(spoken[1:], spoken[:-1], strict=True)
        if at - earlier > 1000 and at < told_at
    ]
    return begins[-1], told_at, max(before)


def test_escape_silences_the_answer(driver: Playwright, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.type("tell me a joke")
        visit.is_in_mode("speaking")
        visit.sees("assistant", "Two responses walk")
        visit.page.keyboard.press("Escape")
        visit.page.locator(".line.assistant del").wait_for()
        visit.is_quiet()
        assert visit.faults == []


def test_reload_keeps_the_conversation_and_the_agent_knows_it(
    driver: Playwright, gateway: Gateway
) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        visit.is_quiet()
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
