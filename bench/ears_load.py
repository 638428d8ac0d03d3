"""Measure spoken conversations at once: does the emulator keep up, and how soon does it answer.

    python bench/ears_load.py --calls 20 --seconds 30

Starts `turngate emulate` on one port and plays the recordings of tests/emulator/speech to it, in
real time, frame by frame, each call on its own; a call listens to the end of each answer and asks
again. Behind real time is how much later than possible the end of speech was noticed: from the
sending of the frame that ended it. First audio is from that notice to the first delta of sound;
60 ms of it are the emulated model's thinking.
"""

import argparse
import asyncio
import base64
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import uvloop
from meter import quantile

from turngate.audio.resample import resampled
from turngate.audio.tone import silence
from turngate.audio.wav import read_wav
from turngate.client.connection import Connection, connect
from turngate.client.failures import Closed
from turngate.emulator.ears.selftest import recorded
from turngate.units import RATE_HZ, pcm_bytes

SPEECH = Path(__file__).parent.parent / "tests" / "emulator" / "speech"
FRAME_MS = 20
START_S = 8.0
"""Calls begin within this time, which is about one question and its answer."""
FRAME_BYTES = pcm_bytes(FRAME_MS)
READY = "emulator ready on "


class Event(msgspec.Struct):
    """What is used of the emulator's events."""

    type: str
    audio_end_ms: int = 0
    delta: str = ""
    transcript: str = ""


class Call:
    """One caller, who is a Reader of a connection."""

    def __init__(self, number: int, recordings: list[bytes]) -> None:
        self.late_ms: list[float] = []
        self.first_audio_ms: list[float] = []
        self.transcripts: list[str] = []
        self.answers = 0
        self._number = number
        self._recordings = recordings
        self._sent_s: list[float] = []
        self._stopped_s = 0.0
        self._quiet_until_s = 0.0
        self._is_waiting = False
        self._chance = random.Random(number)

    def received(self, message: str | bytes) -> None:
        """Note when it came."""
        now_s = time.perf_counter()
        event = msgspec.json.decode(message, type=Event)
        match event.type:
            case "input_audio_buffer.speech_stopped":
                frame = -(-event.audio_end_ms // FRAME_MS) - 1
                self.late_ms.append((now_s - self._sent_s[frame]) * 1000)
                self._stopped_s = now_s
            case "conversation.item.input_audio_transcription.completed":
                self.transcripts.append(event.transcript)
            case "response.output_audio.delta":
                if self._stopped_s:
                    self.first_audio_ms.append((now_s - self._stopped_s) * 1000)
                    self._stopped_s, self._quiet_until_s = 0.0, now_s
                self._quiet_until_s += len(event.delta) * 3 / 4 / (RATE_HZ * 2)
            case "response.done":
                self.answers += 1
                self._is_waiting = False
            case _:
                pass

    def ended(self, end: Closed) -> None:  # noqa: ARG002 - any end is one
        """Stop."""
        self._is_waiting = False

    async def talk(self, url: str, seconds: float) -> None:
        """Ask until the time is over."""
        connection = await connect(url, self, headers={}, seconds=10)
        await connection.send(
            '{"type": "session.update", "session": {"type": "realtime", "audio": {"input": '
            '{"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}, '
            '"transcription": {"model": "gpt-4o-transcribe"}}}}}'
        )
        await asyncio.sleep(self._chance.random() * START_S)
        begin_s = self._due_s = time.perf_counter()
        while self._due_s - begin_s < seconds:
            self._is_waiting = True
            for pcm in (self._chance.choice(self._recordings), silence(700)):
                await self._say(connection, pcm)
            while self._is_waiting or time.perf_counter() < self._quiet_until_s:
                await self._say(connection, silence(FRAME_MS))
        await connection.close()

    async def _say(self, connection: Connection, pcm: bytes) -> None:
        for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
            self._due_s += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, self._due_s - time.perf_counter()))
            audio = base64.b64encode(pcm[start : start + FRAME_BYTES]).decode()
            self._sent_s.append(time.perf_counter())
            await connection.send(f'{{"type":"input_audio_buffer.append","audio":"{audio}"}}')


async def measure(calls: int, seconds: float) -> int:
    """Run all calls against one emulator and print what came of it."""
    emulator = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "turngate", "emulate", "--port", "0", "--until-stdin-closes"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if emulator.stdout is None or emulator.stdin is None:
        raise AssertionError("it was started with pipes")
    line = (await emulator.stdout.readline()).decode().strip()
    url = f"{line.removeprefix(READY)}?model=gpt-realtime"
    recordings = [
        recorded(resampled(pcm, rate_hz, RATE_HZ))
        for pcm, rate_hz in map(read_wav, sorted(SPEECH.glob("*.wav")))
    ]
    callers = [Call(number, recordings) for number in range(calls)]
    began_s = time.perf_counter()
    await asyncio.gather(*(caller.talk(url, seconds) for caller in callers))
    took_s = time.perf_counter() - began_s
    emulator.stdin.close()
    await emulator.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    late = [value for caller in callers for value in caller.late_ms]
    first = [value for caller in callers for value in caller.first_audio_ms]
    heard = Counter("(" in text for caller in callers for text in caller.transcripts)
    print(f"{calls} conversations, {len(late)} spoken turns in {took_s:.0f} s")
    print(f"understood {heard[False]}, refused {heard[True]}")
    for name, values in (("behind real time", late or [0.0]), ("first audio", first or [0.0])):
        figures = ", ".join(
            f"p{int(part * 100)} {quantile(values, part):.0f}" for part in (0.5, 0.95, 0.99)
        )
        print(f"{name}, ms: {figures}, max {max(values):.0f}")
    cores = (used.ru_utime + used.ru_stime) / took_s
    own = time.process_time() / took_s
    print(f"this client: {own:.2f} cores")
    print(f"emulator: {cores:.2f} cores, {used.ru_maxrss / 1024:.0f} MB at most")
    return 0


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    return uvloop.run(measure(asked.calls, asked.seconds))


if __name__ == "__main__":
    sys.exit(main())
