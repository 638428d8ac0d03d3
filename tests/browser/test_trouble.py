"""What the page says and does when something is missing."""

from pathlib import Path

import pytest

from browser.stand import Driver, Gateway, recording, visiting


def test_denied_microphone_is_told_and_typing_goes_on(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.listen()
        alert = visit.page.get_by_role("alert")
        alert.get_by_text("The microphone was denied to this page.").wait_for()
        visit.shot("microphone-denied")
        assert alert.get_by_role("button", name="Try again").is_visible()
        visit.type("tell me a joke")
        visit.sees("assistant", "Two responses walk")
        assert visit.faults == []


def test_gateway_that_comes_back_is_found_again_with_the_conversation(
    driver: Driver, emulator: str
) -> None:
    gateway = Gateway("--diagnostics", upstream=emulator)
    gateway.start()
    try:
        with visiting(driver, gateway.url) as visit:
            visit.type("what time is it in Tokyo?")
            visit.sees("assistant", "in Tokyo")
            gateway.stop()
            visit.page.get_by_role("alert").get_by_text("The gateway is gone.").wait_for()
            visit.shot("gateway-gone")
            gateway.start()
            visit.page.get_by_role("status").get_by_text("connected to 127.0.0.1").wait_for()
            assert not visit.page.get_by_role("alert").is_visible()
            visit.type("tell me a joke")
            visit.sees("assistant", "Two responses walk")
            settings = [each for each in visit.events() if each["type"] == "Settings"]
            assert "context" not in settings[0]["agent"]
            assert len(settings[-1]["agent"]["context"]["messages"]) == 3
            unexpected = [fault for fault in visit.faults if "ERR_CONNECTION" not in fault]
            assert unexpected == []
    finally:
        gateway.stop()


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TURNGATE_CLIENT_KEYS", "sesame")
    return "sesame"


def test_key_is_asked_for_and_used(driver: Driver, emulator: str, locked: str) -> None:
    gateway = Gateway(upstream=emulator)
    gateway.start()
    try:
        with visiting(driver, gateway.url) as visit:
            visit.type("tell me a joke")
            alert = visit.page.get_by_role("alert")
            alert.get_by_text("The gateway does not let this page in.").wait_for()
            visit.opens_settings()
            visit.page.get_by_label("Key").fill(locked)
            visit.page.get_by_role("button", name="Apply").click()
            visit.sees("assistant", "Two responses walk")
            visit.page.get_by_text("This gateway tells nothing about its calls.").wait_for()
    finally:
        gateway.stop()


def test_push_to_talk_sends_what_is_said_while_the_key_is_held(
    driver: Driver, gateway: Gateway, tmp_path: Path
) -> None:
    microphone = recording(tmp_path / "said.wav", 1.0, "slt-tell_me_a_joke", 30.0)
    with visiting(driver, gateway.url, microphone) as visit:
        visit.opens_settings()
        visit.page.get_by_label("Push to talk").check()
        visit.page.get_by_role("button", name="Apply").click()
        visit.page.keyboard.down("Space")
        visit.is_in_mode("hearing")
        visit.page.wait_for_timeout(1200)
        visit.page.keyboard.up("Space")
        visit.sees("user", "tell me a joke")
        visit.sees("assistant", "Two responses walk")
        assert visit.faults == []
