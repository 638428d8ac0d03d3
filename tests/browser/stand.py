"""A gateway as a process of its own, and a page of it in a real browser that keeps what it hears."""

import base64
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, Response

from turngate.audio.resample import resampled
from turngate.audio.wav import read_wav, write_wav
from turngate.emulator.ears.grammar import grammar_for
from turngate.emulator.ears.recogniser import LISTEN_HZ, Recogniser
from turngate.units import RATE_HZ, pcm_bytes

ROOT = Path(__file__).parents[2]
SPEECH = ROOT / "tests" / "emulator" / "speech"
QUESTION = ROOT / "examples" / "question.wav"
SHOTS = ROOT / ".screenshots"
"""Where each test leaves a picture of what it saw."""

START_S = 30.0
CAPTURE_HZ = 48_000
"""What Chromium's fake microphone reads without resampling."""

EAR = (Path(__file__).parent / "ear.js").read_text()
"""Runs in the page before anything of its own, and keeps what goes to its loudspeaker."""

OF_THE_EAR = "ScriptProcessorNode is deprecated"
PIECE = 1600

LED_HERE = "--host-resolver-rules=MAP *.example 127.0.0.1"
"""What a stranger's DNS may say of a stranger's name."""


@contextmanager
def emulating() -> Generator[str]:
    """Run `turngate emulate`, which may serve several gateways; yield its URL."""
    command = [sys.executable, "-m", "turngate", "emulate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - the project's own
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "ws://" in first, first
        yield first.split()[-1]
        process.terminate()
        process.stdout.read()


class Gateway:
    """`turngate serve` before an emulator: one of its own, unless it is given a URL."""

    def __init__(self, *flags: str, upstream: str = "local") -> None:
        self._flags = ("--upstream", upstream, *flags)
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it, on its old port if it had one, and wait until it is ready."""
        command = ["serve", "--port", str(self.port), *self._flags]
        self._process = subprocess.Popen(  # noqa: S603 - the project's own program
            [sys.executable, "-m", "turngate", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = self._process.stdout
        assert output is not None
        said: list[str] = []
        while "stop " not in (line := output.readline()):
            said.append(line)
            assert line, f"the gateway did not start: {''.join(said)}"
            if "agent " in line:
                self.port = int(line.split("ws://127.0.0.1:")[1].split("/")[0])
        # Its log would fill the pipe, and then it would wait for a reader.
        self._reader = threading.Thread(target=output.read, daemon=True)
        self._reader.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_S)
            self._reader.join()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


class Visit:
    """A page that is open, and all that it did: messages on its console, requests, sounds."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        self.policies: list[str] = []
        page.on("console", self._logged)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._requested)
        page.on("response", self._answered)
        page.add_init_script(EAR)
        page.goto(url)

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and OF_THE_EAR not in message.text:
            self.faults.append(f"console: {message.text}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith(self.url):
            self.faults.append(f"request: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.request.resource_type == "document":
            self.policies.append(response.headers.get("content-security-policy", ""))

    # -- what a person does and sees

    def type(self, text: str) -> None:
        self.page.get_by_label("Your message").fill(text)
        self.page.get_by_role("button", name="Send").click()

    def listen(self) -> None:
        self.page.get_by_role("button", name="Microphone").click()

    def opens_settings(self) -> None:
        self.page.get_by_role("button", name="Settings", exact=True).click()

    def sees(self, role: str, text: str) -> None:
        """Wait until somebody has said this."""
        self.page.locator(f".line.{role}", has_text=text).last.wait_for()

    def is_in_mode(self, mode: str) -> None:
        self.page.locator(f"#mood[data-mode={mode}]").wait_for()

    def is_quiet(self) -> None:
        """Wait until the agent has been heard out."""
        self.page.locator("#mood:is([data-mode=waiting], [data-mode=listening])").wait_for()

    def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def note(self, name: str, text: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        (SHOTS / f"{name}.txt").write_text(f"{text}\n")

    # -- what was heard

    def heard(self) -> bytes:
        """Return what went to the loudspeaker: s16le mono, 24 kHz."""
        return base64.b64decode(self.page.evaluate("ear.pcm()"))

    def events(self) -> list[Mapping[str, Any]]:
        """Return the server's messages with the time at which each came, ms on the page's clock."""
        return self.page.evaluate("ear.messages")

    def sounds(self) -> list[tuple[float, float]]:
        """Return (time in ms, loudest sample) of what was played, piece by piece of 21 ms."""
        return [(at, loud) for at, loud in self.page.evaluate("ear.loudness()")]

    def speech_sent(self) -> list[float]:
        """Return the times in ms at which frames with speech left the page."""
        return self.page.evaluate("ear.spoken")


class Driver:
    """Starts browsers: one for all visits without a microphone, one for each recording."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._deaf: Browser | None = None

    def browser(self, microphone: Path | None) -> Browser:
        """Return a browser whose microphone hears this file once, or is denied to every page."""
        arguments = [
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-device-for-media-stream",
            LED_HERE,
        ]
        if microphone is None:
            if self._deaf is None:
                self._deaf = self._launched(*arguments, "--deny-permission-prompts")
            return self._deaf
        heard = f"--use-file-for-fake-audio-capture={microphone}%noloop"
        return self._launched(*arguments, "--use-fake-ui-for-media-stream", heard)

    def _launched(self, *arguments: str) -> Browser:
        return self._playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "chromium", args=list(arguments)
        )


@contextmanager
def visiting(driver: Driver, url: str, microphone: Path | None = None) -> Generator[Visit]:
    """Open the gateway's page in a browser whose microphone hears this file once, if any."""
    browser = driver.browser(microphone)
    seen = browser.new_context(viewport={"width": 1360, "height": 860})
    try:
        page = seen.new_page()
        page.set_default_timeout(15_000)
        yield Visit(page, url)
    finally:
        seen.close()
        if microphone is not None:
            browser.close()


def recording(place: Path, *parts: str | float) -> Path:
    """Write what the microphone is to hear: names of recorded sentences, and pauses in seconds."""
    sound = bytearray()
    for part in parts:
        if isinstance(part, float):
            sound += bytes(round(CAPTURE_HZ * part) * 2)
        else:
            path = QUESTION if part == "question" else SPEECH / f"{part}.wav"
            pcm, rate_hz = read_wav(path)
            sound += resampled(pcm, rate_hz, CAPTURE_HZ)
    write_wav(place, bytes(sound), CAPTURE_HZ)
    return place


def understood(pcm: bytes, *sentences: str) -> list[str]:
    """Return what is understood of s16le mono at 24 kHz, between its pauses.

    The emulator's own recogniser listens, for these sentences and the 50 of the demo besides.
    """
    tools = [
        {"type": "function", "name": f"say_{at}", "description": sentence}
        for at, sentence in enumerate(sentences)
    ]
    recogniser = Recogniser(grammar_for(tools))
    found: list[str] = []
    for part in _between_pauses(pcm):
        recogniser.begin()
        at_16_khz = resampled(part, RATE_HZ, LISTEN_HZ)
        for start in range(0, len(at_16_khz), PIECE):
            recogniser.feed(at_16_khz[start : start + PIECE])
        guess = recogniser.finish()
        if guess.is_whole:
            found.append(guess.words)
    return found


def _between_pauses(pcm: bytes, pause_ms: int = 250, quiet: int = 60) -> Iterator[bytes]:
    """Yield the stretches of sound, each with a little silence around it."""
    frame = pcm_bytes(10)
    frames = [pcm[at : at + frame] for at in range(0, len(pcm) - frame + 1, frame)]
    loud = [bool(np.abs(np.frombuffer(each, "<i2").astype(int)).max() > quiet) for each in frames]
    begin, last = None, 0
    for at, is_loud in enumerate([*loud, *[False] * (pause_ms // 10 + 1)]):
        if is_loud:
            begin, last = at if begin is None else begin, at
        elif begin is not None and (at - last) * 10 > pause_ms:
            yield bytes(frame * 20) + b"".join(frames[begin : last + 1]) + bytes(frame * 20)
            begin = None
