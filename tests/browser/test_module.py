"""The browser module by itself, as another page would use it: it sends what it has to and no more."""

from typing import Any

import pytest

from browser.stand import Driver, Gateway, Visit, visiting

PROMPT = "You are brief."
BEGIN = """async (agent) => {
  const { Client } = await import("/static/turngate.js");
  window.client = new Client({ agent, functions: { look: {
    description: "Look.", parameters: { type: "object", properties: {} }, run: () => "a tree" } } });
}"""


@pytest.fixture
def visit(driver: Driver, gateway: Gateway) -> Any:
    with visiting(driver, gateway.url) as opened:
        yield opened


def begin(visit: Visit, **agent: Any) -> None:
    think = {"provider": {"type": "open_ai"}, "prompt": PROMPT}
    visit.page.evaluate(BEGIN, {"think": think, **agent})


def run(visit: Visit, what: str) -> Any:
    """Return what this comes to, or the name and code of what it throws."""
    return visit.page.evaluate(
        f"(async () => {what})().catch((error) => `${{error.name}} ${{error.code ?? ''}}`)"
    )


def sent(visit: Visit) -> list[str]:
    return [each["type"] for each in visit.events() if each.get("sent")]


def test_values_that_are_in_force_send_nothing(visit: Visit) -> None:
    begin(visit, speak={"provider": {"type": "open_ai", "voice": "alloy"}})
    run(visit, "client.connect()")
    same_think = f'{{ prompt: "{PROMPT}", provider: {{ type: "open_ai" }} }}'
    assert run(visit, f"client.updateThink({same_think})") is False
    assert (
        run(visit, 'client.updateSpeak({ provider: { voice: "alloy", type: "open_ai" } })') is False
    )
    assert run(visit, 'client.updatePrompt("Be kind.")') is True
    assert run(visit, 'client.updatePrompt("Be kind.")') is False
    assert (
        run(visit, 'client.updateSpeak({ provider: { type: "open_ai", voice: "coral" } })') is True
    )
    assert run(visit, "client.connect()") is None
    assert sent(visit) == ["Settings", "UpdatePrompt", "UpdateSpeak"]


def test_new_connection_has_the_settings_in_force(visit: Visit) -> None:
    begin(visit)
    run(visit, "client.connect()")
    run(visit, 'client.updatePrompt("Be kind.")')
    run(visit, "client.reconnect()")
    first, again = (each["agent"] for each in visit.events() if each["type"] == "Settings")
    assert first["think"]["prompt"] == PROMPT
    assert again["think"]["prompt"] == f"{PROMPT}\nBe kind."
    assert [each["name"] for each in again["think"]["functions"]] == ["look"]


def test_refused_update_leaves_things_as_they_were(visit: Visit) -> None:
    begin(visit)
    run(visit, "client.connect()")
    refused = '{ provider: { type: "open_ai" }, maxOutputTokens: -1 }'
    assert str(run(visit, f"client.updateThink({refused})")).startswith("AgentError ")
    assert run(visit, "client.updates.agent.think.prompt") == PROMPT
    assert run(visit, "client.state") == "open"


def test_refused_settings_are_not_sent_again(visit: Visit) -> None:
    begin(visit, listen={"provider": {"type": "deepgram", "language": 7}})
    told = run(visit, "client.connect()")
    assert str(told).startswith("AgentError ")
    assert run(visit, "client.state") == "closed"
    assert sent(visit) == ["Settings"]


def test_what_cannot_be_sent_is_not_lost_in_silence(visit: Visit) -> None:
    begin(visit)
    assert run(visit, 'client.say("hello")') == "Error "
