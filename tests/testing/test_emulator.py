"""The emulator in a thread, and the pytest plugin as another project meets it."""

import http.client
import json
import socket
import subprocess
import sys

import pytest

from turngate.emulator import Knobs
from turngate.testing import RealtimeEmulator

pytest_plugins = ("pytester",)

UPGRADE = (
    b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
DEADLINE_S = 10


class BlockingClient:
    """A client without an event loop: just enough WebSocket for small messages."""

    def __init__(self, emulator: RealtimeEmulator) -> None:
        host, _, port = emulator.http_url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self._socket.sendall(UPGRADE)
        self._stream = self._socket.makefile("rb")
        while self._stream.readline() != b"\r\n":
            pass

    def send(self, **event: object) -> None:
        text = json.dumps(event).encode()
        size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2)
        self._socket.sendall(bytes([0x81, size[0] | 0x80]) + size[1:] + bytes(4) + text)

    def until(self, kind: str) -> dict[str, object]:
        while True:
            size = self._stream.read(2)[1]
            if size == 126:
                size = int.from_bytes(self._stream.read(2))
            event = json.loads(self._stream.read(size))
            if event["type"] == kind:
                return event

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def test_a_blocking_test_meets_the_emulator() -> None:
    script = {"responses": [[{"type": "message", "modality": "text", "text": "planned"}]]}
    with RealtimeEmulator() as emulator:
        emulator.script = script  # pyright: ignore[reportAttributeAccessIssue] - it takes both
        client = BlockingClient(emulator)
        client.send(type="response.create")
        assert client.until("response.output_text.done")["text"] == "planned"
        client.until("response.done")
        assert emulator.audit.violations == 0
        assert emulator.sessions[0]["responses"] == 1
        client.close()


def test_knobs_turn_while_it_runs() -> None:
    with RealtimeEmulator(Knobs(seed=3)) as emulator:
        client = BlockingClient(emulator)
        emulator.turn(refuse_session_update=[1], never_done_response=1)
        assert (emulator.knobs.seed, emulator.knobs.never_done_response) == (3, 1)
        client.send(type="session.update", session={"type": "realtime"})
        client.until("error")
        for _ in range(2):
            client.send(type="response.create")
        client.until("error")
        judged = emulator.audit
        client.close()
    assert judged.counters["create_while_active"] == 1


def test_its_pages_are_where_it_says() -> None:
    with RealtimeEmulator() as emulator:
        page = http.client.HTTPConnection(emulator.http_url.removeprefix("http://"))
        page.request("GET", "/audit")
        assert json.load(page.getresponse())["violations"] == 0
        page.close()


def test_outside_its_with_there_is_nothing() -> None:
    emulator = RealtimeEmulator()
    with pytest.raises(RuntimeError, match="only inside"):
        _ = emulator.url


def test_the_fixture_in_another_project(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from turngate.emulator import Knobs, Script

        def test_it_runs(realtime_emulator):
            assert realtime_emulator.url.endswith("/v1/realtime")
            assert realtime_emulator.base_url.endswith("/v1")
            assert realtime_emulator.audit.violations == 0
            assert realtime_emulator.script == Script()

        class TestFaults:
            @pytest.fixture
            def realtime_knobs(self):
                return Knobs(seed=9)

            def test_knobs_can_be_overridden(self, realtime_emulator):
                assert realtime_emulator.knobs.seed == 9
        """
    )
    ran = pytester.runpytest_subprocess()
    ran.assert_outcomes(passed=2)


def test_the_plugin_loads_no_emulator_before_it_is_asked_for() -> None:
    look = (
        "import sys, turngate.pytest_plugin;"
        "print([n for n in sys.modules if n.startswith('turngate.emulator')])"
    )
    ran = [sys.executable, "-c", look]
    told = subprocess.run(ran, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert told.stdout == "[]\n"
