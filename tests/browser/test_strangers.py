"""Pages that are not the gateway's, in a real browser: none gets a call out of it."""

from playwright.sync_api import Page

from browser.stand import Driver, Gateway, visiting

OPENED = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
})"""

ASKED = "async url => (await fetch(url, { method: 'POST', body: '{}' })).status"


def opens(page: Page, host: str) -> bool:
    """Whether the page that is open gets a call at this host."""
    return page.evaluate(OPENED, f"ws://{host}/v1/agent/converse")


def test_the_gateways_own_page_gets_a_call(driver: Driver, gateway: Gateway) -> None:
    with visiting(driver, gateway.url) as visit:
        assert opens(visit.page, f"127.0.0.1:{gateway.port}")


def test_a_name_that_was_led_here_gets_none(driver: Driver, gateway: Gateway) -> None:
    here = f"evil.example:{gateway.port}"
    # its pages come from the gateway, so to the browser they are of one origin
    with visiting(driver, f"http://{here}/health") as visit:
        assert not opens(visit.page, here)
        assert not opens(visit.page, f"127.0.0.1:{gateway.port}")
        assert visit.page.evaluate(ASKED, f"http://{here}/function-call") == 403
