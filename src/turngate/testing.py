"""The emulator for the tests of any project: in a thread of its own, with or without pytest.

with RealtimeEmulator() as emulator:
    ...  # connect a client, of whatever library, to emulator.url
    assert emulator.audit.violations == 0

With pytest the fixture `realtime_emulator` is there as soon as turngate is installed.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from turngate.emulator import Audit, Emulator, Knobs, Script, serving

T = TypeVar("T")

START_S = 20.0


class RealtimeEmulator:
    """A strict emulated Realtime server on a free port of 127.0.0.1, while a `with` lasts.

    It runs on an event loop in a thread, so it serves tests that block as well as asynchronous
    ones. What it tells is a picture of the moment it is asked.
    """

    def __init__(self, knobs: Knobs | None = None, script: Script | None = None) -> None:
        self._knobs = knobs or Knobs()
        self._script = script or Script()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._running: Emulator | None = None
        self._failure: BaseException | None = None
        self._is_settled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="realtime emulator", daemon=True)

    def __enter__(self) -> Self:
        """Start it, and wait until it listens.

        Raises:
            OSError: The address cannot be listened on.
            TimeoutError: It does not start in time.

        """
        self._thread.start()
        if not self._is_settled.wait(START_S):
            raise TimeoutError("the emulator did not start")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *exception: object) -> None:
        """Close all connections and stop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The address of the protocol: ws://127.0.0.1:PORT/v1/realtime."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """The address before /realtime, which OpenAI's own clients ask for as websocket_base_url."""
        return self.url.removesuffix("/realtime")

    @property
    def http_url(self) -> str:
        """The address of its pages: /audit, /sessions, /control."""
        return f"http://{urlsplit(self.url).netloc}"

    @property
    def audit(self) -> Audit:
        """What all clients did so far, judged: violations, unanswered turns, every event."""
        return self._asked(lambda server: server.audit.frozen())

    @property
    def sessions(self) -> list[dict[str, object]]:
        """A line about every connection so far."""
        return self._asked(lambda server: server.sessions)

    @property
    def script(self) -> Script:
        """What it says to clients that connect from now on; set it before they do."""
        return self._asked(lambda server: server.script)

    @script.setter
    def script(self, script: Script | dict[str, Any]) -> None:
        """Take a script, or the object of one as a file has it."""
        chosen = script if isinstance(script, Script) else msgspec.convert(script, Script)
        self._asked(lambda server: setattr(server, "script", chosen))

    @property
    def knobs(self) -> Knobs:
        """The knobs in force."""
        return self._asked(lambda server: server.knobs)

    def turn(self, **knobs: object) -> None:
        """Turn these knobs, of open connections too.

        Raises msgspec.ValidationError, whose text names the field, for an unknown or ill-typed one.
        """
        changes = msgspec.json.encode(knobs)
        self._asked(lambda server: server.turn(changes))

    @property
    def _server(self) -> Emulator:
        if self._running is None:
            raise RuntimeError("the emulator runs only inside its `with`")
        return self._running

    def _asked(self, ask: Callable[[Emulator], T]) -> T:
        """Return what `ask` returns in the emulator's thread."""
        server = self._server
        if self._loop is None:
            raise RuntimeError("the emulator runs only inside its `with`")

        async def answer() -> T:
            return ask(server)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            async with serving(knobs=self._knobs, script=self._script) as emulator:
                self._running = emulator
                self._is_settled.set()
                await self._stop.wait()
        except OSError as failure:
            self._failure = failure
        finally:
            self._loop = self._running = None
            self._is_settled.set()
