"""What the page is made of: its policy, its accessibility, its timeline and its manners."""

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from browser.stand import Driver, Gateway, Visit, visiting
from turngate.gateway.target import HURRIED_AND_HESITANT

SERIOUS = {"serious", "critical"}


def test_policy_forbids_inline_script_and_other_hosts(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        [policy] = visit.policies
        assert visit.faults == []
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        visit.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " { textContent: 'window.harmed = true' }))"
        )
        assert visit.page.evaluate("window.harmed") is None
        visit.faults.clear()  # it complained, as it should


def serious(visit: Visit) -> list[Any]:
    """Return what axe finds, without what is minor."""
    axe: Any = Axe()  # its types are partial
    violations = axe.run(visit.page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in violations
        if each["impact"] in SERIOUS
    ]


def in_both_schemes(visit: Visit, name: str) -> list[Any]:
    found: list[Any] = []
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visit.shot(f"{name}-{scheme}")
        found += serious(visit)
    return found


def test_page_is_accessible(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        assert in_both_schemes(visit, "welcome") == []
        visit.page.get_by_role("switch").check()
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        visit.page.locator(".arrow", has_text="response.create").first.click()
        assert in_both_schemes(visit, "rehearsal") == []
        visit.page.get_by_label("All messages").check()
        assert in_both_schemes(visit, "all-messages") == []
        visit.opens_settings()
        assert in_both_schemes(visit, "settings") == []


def test_timeline_shows_what_was_held_and_sent_again(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.page.get_by_role("switch").check()
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        turn = visit.page.locator("details.turn", has_text="what time is it in Tokyo?")
        turn.get_by_text("refused, kept to be sent again: a response is active").wait_for()
        turn.get_by_text("sent again after").wait_for()
        turn.get_by_text("held: a response is active").wait_for()
        assert turn.locator(".bar.hold").count() >= 2
        [seconds] = re.findall(
            r"first audio after (\S+) s$", turn.locator(".figure-of").inner_text()
        )
        unasked_ms = HURRIED_AND_HESITANT["done_after_last_ms"]
        assert float(seconds) * 1000 > unasked_ms, "the answer begins after the unasked response"
        visit.is_quiet()
        visit.page.set_viewport_size({"width": 1360, "height": 1400})
        visit.shot("race")
        turn.locator(".arrow", has_text="response.create").first.click()
        assert '"type": "response.create"' in visit.page.locator("#reader pre").inner_text()
        assert visit.faults == []


def test_settings_are_sent_on_connecting_and_when_they_change_only(
    driver: Driver, gateway: Gateway
) -> None:
    def sent() -> list[str]:
        said = [each["type"] for each in visit.events() if each.get("sent")]
        return [kind for kind in said if kind != "KeepAlive"]

    def prompt(text: str) -> None:
        visit.opens_settings()
        visit.page.get_by_label("Prompt").fill(text)
        visit.page.get_by_role("button", name="Apply").click()

    with visiting(driver, gateway.url) as visit:
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        prompt("You are brief.")
        prompt("You are brief.")
        visit.type("tell me a joke")
        visit.sees("assistant", "Two responses walk")
        assert sent() == [
            "Settings",
            "InjectUserMessage",
            "FunctionCallResponse",
            "UpdateThink",
            "InjectUserMessage",
        ]
        assert visit.faults == []


def test_page_can_be_used_without_a_mouse(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.page.get_by_role("switch").focus()
        visit.page.keyboard.press("/")
        visit.page.keyboard.type("roll a dice")
        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("article", name="Function call roll_dice").wait_for()
        assert visit.faults == []


def test_narrow_page_does_not_scroll_sideways(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.page.set_viewport_size({"width": 360, "height": 740})
        visit.type("what time is it in Tokyo?")
        visit.sees("assistant", "in Tokyo")
        visit.shot("narrow")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_timeline_keeps_the_turns_of_the_connection_before(
    driver: Driver, gateway: Gateway
) -> None:
    with visiting(driver, gateway.url) as visit:
        visit.type("roll a dice")
        visit.page.locator("details.turn", has_text="roll a dice").wait_for()
        visit.page.get_by_role("switch").check()
        visit.page.locator("details.turn", has_text="Connection and settings").nth(1).wait_for()
        assert visit.page.locator("details.turn", has_text="roll a dice").count() == 1
        assert visit.faults == []
